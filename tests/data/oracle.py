#!/usr/bin/env python3
"""The oracle grid: five norms on hundreds of cases, to fifty digits, by NumPy and by PyTorch.

    /usr/bin/python3 tests/data/oracle.py FOLDER    write FOLDER/index.json and FOLDER/data.bin

The fifty digits are the judge: Python's decimal numbers, which take the inputs as they are, bit for bit, and the
gradients in closed form, where nothing is left of the graph that the others walk. NumPy walks it by hand and
PyTorch by autograd, both in the dtype of the case; PyTorch's own batch norm runs on the tensor as it lies in memory. All
of them serve every norm, since only axes differ (Norm in norms.py).

index.json lists the cases: name, group, dtype, norm with its shape, groups, dims and offset as in norms.py, how many
values `count` share statistics, eps, ddof, gamma and beta (whether they are given; else they are ones and zeros), hard,
and `arrays`: where in data.bin each array begins and ends, in numbers. Batch norm's tensors are flattened to rows of
channels; `memory` has its dims as they lie there, by its layout. data.bin is raw little-endian float64:

    x gamma beta dy     inputs, which the dtype holds exactly; RMS norm has no beta
    group parameter     which statistics and which parameter each value of x uses
    exact.NODE          every node and gradient, rounded to float64; RMS norm's are by batch norm's names
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

import norms  # first: it makes PyTorch add in one order everywhere
import numpy as np
import torch
from norms import Norm

DTYPES = {"float64": np.float64, "float32": np.float32}
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

    def add(self, group, name, shape, dtype, mean=0.0, std=1.0, change=None, norm=None, **options):
        """change(inputs, random, type of number): what a case has of its own, before all is rounded to the dtype.

        x and dy are drawn with a group a column. Without a norm the case is a batch norm's.
        """
        number = len(self.cases)
        random = np.random.RandomState(number)
        norm = norm or Norm("batch", (int(np.prod(shape)) // shape[1], shape[1]))
        columns = (norm.count, int(np.prod(shape)) // norm.count)
        inputs = {"x": mean + std * draw(random, *columns), "gamma": draw(random, *norm.params)}
        inputs |= {"beta": draw(random, *norm.params), "dy": draw(random, *columns)}
        if change:
            change(inputs, random, DTYPES[dtype])
        options = {"layout": LAYOUTS[(number + number // 4) % 2], "eps": 1e-5, "ddof": 0, "affine": (True, True)} | options
        if norm.count == 1 or norm.kind == "rms":
            options["ddof"] = 0
        for key, given, instead in zip(["gamma", "beta"], options["affine"], [1.0, 0.0]):
            if not given:
                inputs[key] = np.full(norm.params, instead)
        inputs |= {key: norm.tensor(inputs[key]) for key in ("x", "dy")}
        inputs = {key: value.astype(DTYPES[dtype]) for key, value in inputs.items()}
        if norm.kind == "rms":
            inputs["beta"] = None
        kind = dtype.replace("loat", "")
        case = {"name": f"{number} {kind} {name}", "group": group, "dtype": dtype, "shape": shape}
        self.cases.append(case | {"norm": norm, "inputs": inputs, "hard": False} | options)
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
    inputs["x"] *= np.array([1e-8, 1e-4, 1.0, 1e4, 1e8])[np.arange(inputs["x"].shape[1]) % 5]


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
    for norms_of_kind in other_norms().values():
        other_cases(grid, norms_of_kind)
    return grid.cases


def other_norms():
    """Layer, group, instance and RMS norm in ranks 2 to 4, one value per group among them."""
    by_features = [((5, 7), 1), ((6, 6), 1), ((2, 3, 8), 1), ((9, 1), 1), ((3, 4, 5), 2), ((2, 3, 2, 4), 2), ((2, 2, 3, 4), 1)]
    of_groups = [((3, 6), 2), ((2, 8), 2), ((2, 6, 4), 3), ((3, 4, 5), 4), ((2, 6, 2, 3), 2), ((1, 4, 3, 3), 1), ((2, 4), 4)]
    of_channels = [(3, 2, 7), (2, 3, 8), (1, 4, 6), (2, 3, 2, 4), (3, 1, 5, 5), (2, 2, 3, 4), (3, 5)]
    return {
        "layer": [Norm("layer", shape, dims=dims) for shape, dims in by_features],
        "group": [Norm("group", shape, groups) for shape, groups in of_groups],
        "instance": [Norm("instance", shape) for shape in of_channels],
        "rms": [Norm("rms", shape, dims=dims, offset=k % 3 == 1) for k, (shape, dims) in enumerate(by_features)],
    }


def other_cases(grid, several):
    """The same grid in small: every place and spread, eps, ddof, shape and special number, dtypes by turns."""
    usual = [norm for norm in several if norm.count > 1]
    kind = several[0].kind

    def add(group, name, at, among=usual, **rest):
        norm = among[at % len(among)]
        dtype = list(DTYPES)[(at + at // 2) % 2]
        return grid.add(group, f"{kind} {name}", norm.shape, dtype, norm=norm, **rest)

    for k, (mean, std) in enumerate(product(MEANS, STDS)):
        eps = EPS[k % 6]
        rest = {"eps": eps, "ddof": k % 2, "affine": AFFINE[k // 2 % 4]}
        add("place", f"{short(mean)}±{short(std)} eps {short(eps)}", 3 * k, mean=mean, std=std, **rest)
    for k, (eps, ddof) in enumerate(product(EPS, [0, 1])):
        add("settings", f"eps {short(eps)} ddof {ddof}", k, mean=2.0, std=[3.0, 3e-3][k // 2 % 2], eps=eps, ddof=ddof)
    for k in range(2 * len(several)):
        add("shapes", "×".join(map(str, several[k % len(several)].shape)), k, several, mean=-3.0, std=2.0, eps=EPS[k % 6])
    for k, (name, change) in enumerate(SPECIAL):
        add("special", name, k, change=change, eps=[1e-12, 1e-5][k % 2], ddof=k // 2 % 2)


# ---- The judge -------------------------------------------------------------------------------------------


def by_decimal(norm, x, gamma, beta, dy, eps, ddof):
    """Every node and gradient of L = Σ dy·y in closed form, to the digits of the context."""
    given = {"x": x, "gamma": gamma, "beta": beta, "dy": dy}
    exact = np.vectorize(Decimal, otypes=[object])
    known = {key: norm.seen(key, exact(v)) for key, v in given.items() if v is not None}
    x, dy, total, gathered = known["x"], known["dy"], norm.total, norm.gathered
    n, m, rms = Decimal(norm.count), Decimal(norm.count - ddof), norm.kind == "rms"
    w = known["gamma"] + 1 if norm.offset else known["gamma"]

    mean = total(x) / n
    xc = x if rms else x - mean
    var = total(xc * xc) / m
    s2 = var + Decimal(eps)
    s = np.vectorize(Decimal.sqrt, otypes=[object])(s2)
    xhat, dxhat = xc / s, w * dy
    along, level = total(dxhat * xhat), 0 if rms else total(dxhat)
    dsq = np.broadcast_to(-along / (2 * s2) / m, norm.view)
    out = {"sq": xc * xc, "var": var, "std": s, "invstd": 1 / s, "xhat": xhat}
    out |= {"dy": dy, "dgamma": gathered(dy * xhat), "dxhat": dxhat}
    out |= {"dinvstd": along * s, "dstd": -along / s, "dvar": -along / (2 * s2), "dsq": dsq}
    out["dx"] = (dxhat - level / n - xhat * along / m) / s
    if rms:
        out["y"] = w * xhat
    else:
        out |= {"mean": mean, "xc": xc, "scaled": w * xhat, "y": w * xhat + known["beta"]}
        out |= {"dscaled": dy, "dbeta": gathered(dy), "dmean": -level / s, "dxc": (dxhat - xhat * along / m) / s}

    # What must hold of dx whatever the inputs are; and it shows that fifty digits are enough.
    size = total(abs(dxhat)) / s * (1 + total(abs(xhat)))
    lost = [total(out["dx"] * xhat) - along * Decimal(eps) / (s * s2)] + ([] if rms else [total(out["dx"])])
    assert all((abs(one) <= Decimal("1e-30") * size).all() for one in lost), "fifty digits are too few"
    return norm.out(out)


# ---- The two that are judged -----------------------------------------------------------------------------


def by_names(norm, found):
    """By batch norm's names."""
    usual = dict(zip(norm.root, norms.OWN)) | {f"d{a}": f"d{b}" for a, b in zip(norm.root, norms.OWN)}
    return {usual.get(key, key): value for key, value in found.items() if key in norm.values + norm.gradients}


def by_batch_norm(case):
    """PyTorch's own batch norm on the tensor, as it lies in memory."""
    norm, shape = case["norm"], case["shape"]
    if norm.kind != "batch" or norm.count == 1 or case["ddof"] == 1:
        return {}
    channels = shape[1]
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
        return [begin, self.length]


def main(arguments):
    if len(arguments) != 1:
        print("usage: oracle.py FOLDER", file=sys.stderr)
        return 2
    getcontext().prec = 50
    getcontext().Emin, getcontext().Emax = -999999, 999999
    numbers = Numbers()
    index = []
    for case in cases():
        inputs, norm = case.pop("inputs"), case.pop("norm")
        settings = {"eps": case["eps"], "ddof": case["ddof"]}
        arrays = {key: value for key, value in inputs.items() if value is not None}
        arrays["group"] = norm.tensor(np.tile(np.arange(inputs["x"].size // norm.count), norm.count))
        parameter = np.arange(inputs["gamma"].size).reshape(norm.params)
        arrays["parameter"] = np.broadcast_to(norm.seen("gamma", parameter), norm.view)
        for key, value in by_decimal(norm, **inputs, **settings).items():
            arrays[f"exact.{key}"] = hi = value.astype(np.float64)
            arrays[f"rest.{key}"] = (value - np.vectorize(Decimal, otypes=[object])(hi)).astype(np.float64)
        by_hand = by_names(norm, norms.by_numpy(norm, **inputs, **settings))
        assert all(value.dtype == inputs["x"].dtype for value in by_hand.values()), "NumPy left the dtype"
        arrays |= {f"numpy.{key}": value for key, value in by_hand.items()}
        by_torch = by_names(norm, norms.by_autograd(norm, **inputs, **settings))
        arrays |= {f"torch.{key}": value for key, value in by_torch.items()}
        arrays |= {f"bn.{key}": v for key, v in by_batch_norm(case | {"inputs": inputs, "norm": norm}).items()}
        shape = case["shape"]
        last = case["layout"] == "channels-last"
        dims = [shape[0], *shape[2:], shape[1]] if last else list(shape)
        gamma, beta = case.pop("affine")
        about = {"norm": norm.kind, "groups": norm.groups, "dims": norm.dims, "offset": norm.offset, "count": norm.count}
        about |= {"shape": norm.shape, "memory": dims, "gamma": gamma, "beta": beta}
        index.append(case | about | {"arrays": {key: numbers.add(value) for key, value in arrays.items()}})

    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    versions = {"numpy": np.__version__, "torch": torch.__version__}
    (folder / "index.json").write_text(json.dumps({"versions": versions, "cases": index}, allow_nan=False))
    (folder / "data.bin").write_bytes(b"".join(numbers.parts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
