#!/usr/bin/env python3
"""The oracle grid: batch norm on hundreds of cases, to fifty digits, by NumPy and by PyTorch.

    /usr/bin/python3 tests/data/oracle.py FOLDER    write FOLDER/index.json and FOLDER/data.bin

The fifty digits are the judge: Python's decimal numbers, which take the inputs as they are, bit for bit, and the
gradients in closed form, where nothing is left of the graph that the others walk. NumPy walks it by hand and
PyTorch by autograd, both in the dtype of the case; PyTorch's own batch norm runs on the tensor as it lies in memory.

index.json lists the cases: name, group, dtype, dims and layout as they lie in memory, rows n and channels, eps, ddof,
gamma and beta (whether they are given; else they are ones and zeros), hard, and `arrays`: where in data.bin each array
begins, in numbers. data.bin is raw little-endian float64; tensors are flattened to n rows of channels:

    x gamma beta dy     inputs, which the dtype holds exactly
    exact.NODE          every node and gradient, rounded to float64
    rest.NODE           what that rounding took away, so that both add up to thirty digits
    numpy.NODE          float32 for a float32 case, widened
    torch.NODE          gradients by autograd
    bn.NODE             y, dx, dgamma, dbeta, mean, invstd by PyTorch's batch norm, where it takes the case

The inputs are sums of uniform draws; no logarithm and no power is taken, so that they are the same bits everywhere.
"""

import json
import sys
from decimal import Decimal, getcontext
from itertools import product
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the data

import reference  # first: it makes PyTorch add in one order everywhere
import numpy as np
import torch

DTYPES = {"float64": np.float64, "float32": np.float32}
NODES = reference.NODES + reference.GRADIENTS
EPS = [1e-12, 1e-8, 1e-5, 1e-3, 1e-1, 1.0]
MEANS = [0.0, 1.0, 1e2, 1e4, 1e6, 1e8]
STDS = [1e-6, 1e-3, 1.0, 1e3, 1e6]
AFFINE = [(True, True), (True, False), (False, True), (False, False)]
LAYOUTS = ["channels-first", "channels-last"]
# N, C, … as of channels first; single rows, single channels, and both.
SHAPES = [
    (1, 3),
    (2, 3),
    (3, 1),
    (4, 5),
    (7, 1),
    (16, 4),
    (33, 9),
    (100, 2),
    (1, 1, 8),
    (1, 4, 6),
    (5, 3, 4),
    (1, 2, 3, 3),
    (2, 3, 4, 2),
    (3, 1, 5, 5),
    (1, 5, 1, 1),
    (2, 2, 2, 3, 2),
    (1, 1, 2, 2, 2),
]
LARGE = [(300, 7), (64, 48), (5000, 1), (8, 4, 196), (100, 6, 4), (2, 3, 40, 30), (2, 2, 4, 12, 16)]


# ---- Cases -----------------------------------------------------------------------------------------------


def draw(random, *shape):
    """Nearly normal: the sum of twelve uniform draws, less 6."""
    return random.random_sample((12, *shape)).sum(axis=0) - 6


class Grid:
    def __init__(self):
        self.cases = []

    def add(self, group, name, shape, dtype, mean=0.0, std=1.0, change=None, **options):
        """change(inputs, random, type of number): what a case has of its own, before all is rounded to the dtype."""
        number = len(self.cases)
        random = np.random.RandomState(number)
        n, channels = int(np.prod(shape)) // shape[1], shape[1]
        inputs = {"x": mean + std * draw(random, n, channels), "gamma": draw(random, channels)}
        inputs |= {"beta": draw(random, channels), "dy": draw(random, n, channels)}
        if change:
            change(inputs, random, DTYPES[dtype])
        options = {"layout": LAYOUTS[(number + number // 4) % 2], "eps": 1e-5, "ddof": 0, "affine": (True, True)} | options
        if n == 1:
            options["ddof"] = 0
        for key, given, instead in zip(["gamma", "beta"], options["affine"], [1.0, 0.0]):
            if not given:
                inputs[key] = np.full(channels, instead)
        inputs = {key: value.astype(DTYPES[dtype]) for key, value in inputs.items()}
        kind = dtype.replace("loat", "")
        case = {"name": f"{number} {kind} {name}", "group": group, "dtype": dtype, "shape": shape}
        self.cases.append(case | {"n": n, "channels": channels, "inputs": inputs, "hard": False} | options)
        return self.cases[-1]


def short(value):
    return f"{value:g}".replace("e+0", "e").replace("e-0", "e-")


def first_channel(value):
    """Constant in the first channel; the others stay as drawn."""

    def change(inputs, random, number):
        inputs["x"][:, 0] = value

    return change


def scaled(key, factor32, factor64):
    def change(inputs, random, number):
        inputs[key] = inputs[key] * (factor32 if number is np.float32 else factor64)

    return change


def x_denormal(inputs, random, number):
    least = 2.0**-149 if number is np.float32 else 2.0**-1074
    inputs["x"] = np.rint(1000 * inputs["x"]) * least


def x_neighbours(inputs, random, number):
    """Some numbers around 1, an ulp apart."""
    inputs["x"] = 1 + np.rint(3 * inputs["x"]) * np.finfo(number).eps


def x_outlier(inputs, random, number):
    inputs["x"][0] += 1e6


def x_two_values(inputs, random, number):
    inputs["x"] = np.where(inputs["x"] > 0, 0.7316, 0.1)


def x_alternating(inputs, random, number):
    """A mean that cancels, of values around ±1e8."""
    inputs["x"] += 1e8 * np.where(np.arange(len(inputs["x"])) % 2 == 0, 1, -1)[:, None]


def x_scales(inputs, random, number):
    """Channels of every size side by side."""
    inputs["x"] *= np.array([1e-8, 1e-4, 1.0, 1e4, 1e8])[: inputs["x"].shape[1]]


def dy_constant(inputs, random, number):
    inputs["dy"][:] = 0.3


def dy_along_y(inputs, random, number):
    """dy proportional to xhat: almost nothing is left of dx."""
    x = inputs["x"]
    inputs["dy"] = (x - x.mean(axis=0)) / x.std(axis=0)


SPECIAL = [
    ("constant 3.25", first_channel(3.25)),
    ("constant 0.1", first_channel(0.1)),
    ("constant 1e8+0.1", first_channel(1e8 + 0.1)),
    ("constant 0", first_channel(0.0)),
    ("x denormal", x_denormal),
    ("x tiny", scaled("x", 1e-37, 1e-300)),
    ("dy denormal", scaled("dy", 1e-42, 1e-320)),
    ("gamma denormal", scaled("gamma", 1e-42, 1e-320)),
    ("beta denormal", scaled("beta", 1e-42, 1e-320)),
    ("neighbours of 1", x_neighbours),
    ("outlier 1e6", x_outlier),
    ("two values", x_two_values),
    ("around ±1e8", x_alternating),
    ("channels 1e-8 to 1e8", x_scales),
    ("dy constant", dy_constant),
    ("dy along y", dy_along_y),
]


def cases():
    grid = Grid()
    flat = [shape for shape in SHAPES if len(shape) == 2 and shape[0] > 1]

    # Where x lies, against how far it spreads; what else there is goes round beside it.
    for k, (mean, std, dtype) in enumerate(product(MEANS, STDS, DTYPES)):
        for turn in range(2):
            shapes = [flat, SHAPES][turn]
            place = k // 2  # which leaves the dtype aside
            hard = turn == 0 and mean / std >= (1e8 if dtype == "float64" else 1e4)
            rest = {"eps": 1e-12 if hard else EPS[(place + 4 * turn) % 6], "ddof": 0 if hard else (place + turn) % 2}
            rest["affine"] = AFFINE[(place // 2 + turn) % 4]
            name = f"{short(mean)}±{short(std)} eps {short(rest['eps'])}"
            grid.add("place", name, shapes[(5 * k + 3 * turn) % len(shapes)], dtype, mean, std, **rest)["hard"] = hard
    # How it is normalized.
    for k, (eps, ddof, affine, dtype) in enumerate(product(EPS, [0, 1], AFFINE, DTYPES)):
        rest = {"eps": eps, "ddof": ddof, "affine": affine}
        name = f"eps {short(eps)} ddof {ddof}"
        grid.add("settings", name, flat[k % len(flat)], dtype, mean=2.0, std=[3.0, 3e-3][k // 4 % 2], **rest)
    # How it lies in memory.
    for k, (shape, layout, dtype) in enumerate(product(SHAPES, LAYOUTS, DTYPES)):
        name = "×".join(map(str, shape))
        rest = {"layout": layout, "eps": EPS[k // 2 % 6], "affine": AFFINE[(k // 4) % 4]}
        grid.add("shapes", name, shape, dtype, mean=-3.0, std=2.0, **rest)
    # What is special about the numbers.
    for k, ((name, change), dtype) in enumerate(product(SPECIAL, DTYPES)):
        for turn, eps in enumerate([1e-12, 1e-5]):
            shape = [(16, 4), (5, 3, 4)][(turn + k // 2) % 2]
            case = grid.add("special", f"{name} eps {short(eps)}", shape, dtype, change=change, eps=eps, ddof=turn)
            case["hard"] = turn == 0
    # More values than a matrix of 1024, whose kernels are others.
    for k, (shape, dtype) in enumerate(product(LARGE, DTYPES)):
        name = "×".join(map(str, shape))
        grid.add("large", name, shape, dtype, mean=[5.0, 1e3][k // 2 % 2], std=2.0, ddof=k // 2 % 2)
        if k < 4:
            grid.add("large", f"{name} outlier 1e6", shape, dtype, change=x_outlier)
            grid.add("large", f"{name} 1e6±1", shape, dtype, mean=1e6)
    return grid.cases


# ---- The judge -------------------------------------------------------------------------------------------


def by_decimal(x, gamma, beta, dy, eps, ddof):
    """Every node and gradient of L = Σ dy·y in closed form, to the digits of the context."""
    x, gamma, beta, dy = (np.vectorize(Decimal, otypes=[object])(v) for v in (x, gamma, beta, dy))
    n, m = Decimal(len(x)), Decimal(len(x) - ddof)
    out = {"mean": x.sum(axis=0) / n}
    xc = x - out["mean"]
    var = (xc * xc).sum(axis=0) / m
    s2 = var + Decimal(eps)
    s = np.array([v.sqrt() for v in s2], dtype=object)
    xhat = xc / s
    dbeta, dgamma = dy.sum(axis=0), (dy * xhat).sum(axis=0)
    out |= {"xc": xc, "sq": xc * xc, "var": var, "std": s, "invstd": 1 / s, "xhat": xhat}
    out |= {"scaled": gamma * xhat, "y": gamma * xhat + beta}
    out |= {"dy": dy, "dscaled": dy, "dbeta": dbeta, "dgamma": dgamma, "dxhat": gamma * dy}
    out |= {"dinvstd": gamma * dgamma * s, "dstd": -gamma * dgamma / s, "dvar": -gamma * dgamma / (2 * s2)}
    out["dsq"] = np.broadcast_to(out["dvar"] / m, x.shape)
    out["dxc"] = gamma / s * (dy - xhat * dgamma / m)
    out["dmean"] = -gamma * dbeta / s
    out["dx"] = gamma / s * (dy - dbeta / n - xhat * dgamma / m)

    # What must hold of dx whatever the inputs are; and it shows that fifty digits are enough.
    size = (abs(gamma) / s * abs(dy)).sum(axis=0) * (1 + abs(xhat).sum(axis=0))
    lost = [out["dx"].sum(axis=0), (out["dx"] * xhat).sum(axis=0) - gamma * dgamma * Decimal(eps) / (s * s2)]
    assert (abs(np.array(lost)) <= Decimal("1e-30") * size).all(), "fifty digits are too few"
    return out


# ---- The two that are judged -----------------------------------------------------------------------------


def by_autograd(x, gamma, beta, dy, eps, ddof):
    """The gradients of the graph in the dtype of x."""
    node = {key: torch.tensor(v, requires_grad=True) for key, v in [("x", x), ("gamma", gamma), ("beta", beta)]}
    n = len(x)
    node["mean"] = node["x"].sum(dim=0) / n
    node["xc"] = node["x"] - node["mean"]
    node["sq"] = node["xc"] * node["xc"]
    node["var"] = node["sq"].sum(dim=0) / (n - ddof)
    node["std"] = torch.sqrt(node["var"] + eps)
    node["invstd"] = 1 / node["std"]
    node["xhat"] = node["xc"] * node["invstd"]
    node["scaled"] = node["xhat"] * node["gamma"]
    node["y"] = node["scaled"] + node["beta"]
    for name in reference.NODES:
        node[name].retain_grad()
    (torch.tensor(dy) * node["y"]).sum().backward()
    values = {name: node[name].detach().numpy() for name in reference.NODES}
    return values | {name: node[name[1:]].grad.numpy() for name in reference.GRADIENTS}


def by_batch_norm(case):
    """PyTorch's own batch norm on the tensor, as it lies in memory."""
    if case["n"] == 1 or case["ddof"] == 1:
        return {}
    shape, channels = case["shape"], case["channels"]
    spatial = (shape[0], *shape[2:], channels)

    def laid_out(flat):
        last = torch.tensor(flat.reshape(spatial)).movedim(-1, 1)
        return last if case["layout"] == "channels-last" else last.contiguous()

    def flattened(tensor):
        return tensor.detach().movedim(1, -1).reshape(-1, channels).numpy()

    inputs = case["inputs"]
    x = laid_out(inputs["x"]).requires_grad_()
    gamma, beta = (
        torch.tensor(inputs[key], requires_grad=True) if given else None
        for key, given in zip(["gamma", "beta"], case["affine"])
    )
    y, mean, invstd = torch.native_batch_norm(x, gamma, beta, None, None, True, 0.1, case["eps"])
    y.backward(laid_out(inputs["dy"]))
    out = {"y": flattened(y), "dx": flattened(x.grad), "mean": mean.numpy(), "invstd": invstd.numpy()}
    if gamma is not None:
        out["dgamma"] = gamma.grad.numpy()
    if beta is not None:
        out["dbeta"] = beta.grad.numpy()
    return out


# ---- Output ----------------------------------------------------------------------------------------------


class Numbers:
    def __init__(self):
        self.parts = []
        self.length = 0

    def add(self, value):
        begin = self.length
        value = np.ascontiguousarray(value, dtype="<f8")
        assert np.isfinite(value).all()
        self.parts.append(value.tobytes())
        self.length += value.size
        return begin


def main(arguments):
    if len(arguments) != 1:
        print("usage: oracle.py FOLDER", file=sys.stderr)
        return 2
    getcontext().prec = 50
    getcontext().Emin, getcontext().Emax = -999999, 999999
    numbers = Numbers()
    index = []
    for case in cases():
        inputs = case.pop("inputs")
        settings = {"eps": case["eps"], "ddof": case["ddof"]}
        arrays = dict(inputs)
        for key, value in by_decimal(**inputs, **settings).items():
            arrays[f"exact.{key}"] = hi = value.astype(np.float64)
            arrays[f"rest.{key}"] = (value - np.vectorize(Decimal, otypes=[object])(hi)).astype(np.float64)
        by_hand = reference.by_numpy(**inputs, **settings)
        assert all(by_hand[key].dtype == inputs["x"].dtype for key in NODES), "NumPy left the dtype"
        arrays |= {f"numpy.{key}": by_hand[key] for key in NODES}
        arrays |= {f"torch.{key}": v for key, v in by_autograd(**inputs, **settings).items()}
        arrays |= {f"bn.{key}": v for key, v in by_batch_norm(case | {"inputs": inputs}).items()}
        shape = case.pop("shape")
        last = case["layout"] == "channels-last"
        dims = [shape[0], *shape[2:], shape[1]] if last else list(shape)
        gamma, beta = case.pop("affine")
        begins = {key: numbers.add(value) for key, value in arrays.items()}
        index.append(case | {"dims": dims, "gamma": gamma, "beta": beta, "arrays": begins})

    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    versions = {"numpy": np.__version__, "torch": torch.__version__}
    (folder / "index.json").write_text(json.dumps({"versions": versions, "cases": index}, allow_nan=False))
    (folder / "data.bin").write_bytes(b"".join(numbers.parts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
