#!/usr/bin/env python3
"""Reference values for the tests: batch norm by NumPy and by PyTorch, as text files beside this script.

    /usr/bin/python3 tests/data/reference.py            write the files
    /usr/bin/python3 tests/data/reference.py --check    exit 1 if a file differs from what would be written
    /usr/bin/python3 tests/data/reference.py --iris     print the iris figures in tenths of a centimetre

Made with Debian 12's python3-numpy, python3-torch and python3-sklearn, so that anyone can repeat it.

The format, tokens separated by white space, '#' starts a line of comment:

    case NAME            opens a case; `dtype`, `shape N D`, `eps` and `ddof` follow
    array NAME R C       R·C numbers, row major, a row a line, each the shortest text that reads back equal
    rows NAME R C        C numbers: every one of the R rows is this one
    same NAME OTHER      bit for bit the array OTHER of the same case
    end                  closes the case

`rows` and `same` lose nothing and keep a third of the bytes out of the repository. In layouts.txt
`layout` and `dims` replace `shape`; numpy-random.txt opens with `seed S` instead of `case NAME`. In presets.txt a line
is a preset, one of its arrays, rows, columns, and the SHA-256 of its numbers, each to 12 decimals, a space between two:
they are many, and all that matters is that they are the same. Not of their bits: in 50,000 pairs of draws six logarithms
of the C library here differ from WebAssembly's in the last one.

All arithmetic here is float64. A float32 case has inputs that float32 holds exactly, and float64 arithmetic
at those inputs: what a float32 kernel ought to give before its own rounding.
"""

import hashlib
import os
import sys
from pathlib import Path

# PyTorch picks AVX2 or AVX-512 loops by the machine, and they add in another order. One plain loop and one
# thread, so that the files come out the same everywhere. Must be set before the import.
os.environ["ATEN_CPU_CAPABILITY"] = "default"

import numpy as np
import sklearn
import torch
from sklearn.datasets import load_iris

torch.set_num_threads(1)

HERE = Path(__file__).resolve().parent
INPUTS = ["x", "gamma", "beta", "dy"]
NODES = ["mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y"]
GRADIENTS = ["dx", "dgamma", "dbeta"] + [f"d{name}" for name in NODES]


# ---- The two references ----------------------------------------------------------------------------------


def by_numpy(x, gamma, beta, dy, eps, ddof):
    """Every node's value and total gradient of L = sum(dy·y), one gate a line, derived by hand."""
    n = x.shape[0]
    m = n - ddof

    mean = x.sum(axis=0) / n
    xc = x - mean
    sq = xc * xc
    var = sq.sum(axis=0) / m
    std = np.sqrt(var + eps)
    invstd = 1 / std
    xhat = xc * invstd
    scaled = xhat * gamma
    y = scaled + beta

    dscaled = dy.copy()
    dbeta = dy.sum(axis=0)  # beta was copied to n rows, so its gradient is summed over them
    dxhat = dscaled * gamma
    dgamma = (dscaled * xhat).sum(axis=0)
    dinvstd = (dxhat * xc).sum(axis=0)
    dstd = -dinvstd / std**2
    dvar = dstd / (2 * std)
    dsq = np.broadcast_to(dvar / m, x.shape)
    dxc = dxhat * invstd + dsq * 2 * xc  # xc feeds xhat and sq
    dmean = -dxc.sum(axis=0)
    dx = dxc + dmean / n  # x feeds xc and mean

    # The same dx, as the three paths from x to the loss; and dmean, whose second part is 0 but for round-off.
    dx_direct = dxhat / std
    dx_through_var = dvar * 2 * xc / m
    dx_through_mean = np.broadcast_to(dmean / n, x.shape)
    dmean_direct = -dx_direct.sum(axis=0)
    dmean_through_var = -dx_through_var.sum(axis=0)

    known = locals()
    paths = ["dx_direct", "dx_through_var", "dx_through_mean", "dmean_direct", "dmean_through_var"]
    return {name: known[name] for name in NODES + GRADIENTS + paths}


def by_torch(x, gamma, beta, dy, eps, ddof):
    """The same gradients by autograd on the same graph, and by the library's own batch norm."""
    x, gamma, beta, dy = (torch.tensor(v, dtype=torch.float64) for v in (x, gamma, beta, dy))
    n = x.shape[0]

    node = {name: v.clone().requires_grad_() for name, v in [("x", x), ("gamma", gamma), ("beta", beta)]}
    node["mean"] = node["x"].sum(dim=0) / n
    node["xc"] = node["x"] - node["mean"]
    node["sq"] = node["xc"] * node["xc"]
    node["var"] = node["sq"].sum(dim=0) / (n - ddof)
    node["std"] = torch.sqrt(node["var"] + eps)
    node["invstd"] = 1 / node["std"]
    node["xhat"] = node["xc"] * node["invstd"]
    node["scaled"] = node["xhat"] * node["gamma"]
    node["y"] = node["scaled"] + node["beta"]
    for name in NODES:
        node[name].retain_grad()
    (dy * node["y"]).sum().backward()
    out = {name: node[name[1:]].grad.numpy() for name in GRADIENTS}

    # PyTorch refuses one value per channel, and its training pass divides by n only.
    if n > 1 and ddof == 0:
        x, gamma, beta = (v.clone().requires_grad_() for v in (x, gamma, beta))
        y = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
        y.backward(dy)
        out["bn_y"] = y.detach().numpy()
        for name, v in [("bn_dx", x), ("bn_dgamma", gamma), ("bn_dbeta", beta)]:
            out[name] = v.grad.numpy()
    return out


def assert_close(what, ours, theirs, scale=None):
    """Equal to 1e-9 of each channel's largest figure (or of scale's); a channel of zeros must be zeros."""
    scale = np.atleast_2d(ours if scale is None else scale)
    worst = np.abs(np.atleast_2d(ours) - np.atleast_2d(theirs)).max(axis=0)
    assert (worst <= 1e-9 * np.abs(scale).max(axis=0)).all(), f"{what}: NumPy and PyTorch differ by {worst}"


# ---- The cases -------------------------------------------------------------------------------------------


def draw(seed, n, d, mean=0.0, spread=1.0):
    """x, gamma, beta, dy, drawn in this order from NumPy's legacy generator."""
    np.random.seed(seed)
    x = spread * np.random.randn(n, d) + mean
    return {"x": x, "gamma": np.random.randn(d), "beta": np.random.randn(d), "dy": np.random.randn(n, d)}


def draw_iris():
    x = load_iris().data
    assert x.shape == (150, 4)
    assert (x == np.rint(10 * x) / 10).all(), "iris is measured in tenths of a centimetre"
    np.random.seed(1936)  # the year of Fisher's paper
    return {"x": x, "gamma": np.random.randn(4), "beta": np.random.randn(4), "dy": np.random.randn(150, 4)}


def draw_constant_channel():
    inputs = draw(3, 6, 4, mean=2.0, spread=3.0)
    inputs["x"][:, 2] = 3.25  # exact in binary, and so is its mean: this channel's xc is 0, not almost 0
    return inputs


def to_float32(inputs):
    return {name: v.astype(np.float32).astype(np.float64) for name, v in inputs.items()}


def case(name, inputs, eps=1e-5, ddof=0, dtype="float64"):
    """One case as text, both references computed and held against each other."""
    n, d = inputs["x"].shape
    ours = by_numpy(**inputs, eps=eps, ddof=ddof)
    theirs = by_torch(**inputs, eps=eps, ddof=ddof)

    # dx and dmean are small differences of large terms (at two rows almost nothing is left of dx), so their
    # round-off is measured by the terms.
    scale = {"dx": ours["dx_direct"], "dmean": ours["dx_direct"]}
    for key, value in theirs.items():
        key_here = key.removeprefix("bn_")
        assert_close(f"{name}, {key}", ours[key_here], value, scale.get(key_here))
    paths = ours["dx_direct"] + ours["dx_through_var"] + ours["dx_through_mean"]
    assert_close(f"{name}, the three paths of dx", ours["dx"], paths, scale["dx"])
    paths = ours["dmean_direct"] + ours["dmean_through_var"]
    assert_close(f"{name}, the two paths of dmean", ours["dmean"], paths, scale["dmean"])

    arrays = {key: inputs[key] for key in INPUTS}
    arrays |= {f"numpy.{key}": value for key, value in ours.items()}
    arrays |= {f"torch.{key}": value for key, value in theirs.items()}
    head = [f"case {name}", f"dtype {dtype}", f"shape {n} {d}", f"eps {eps!r}", f"ddof {ddof}"]
    return "\n".join(head + arrays_as_text(arrays) + ["end"]) + "\n"


def both(name, inputs, **options):
    """The case in float64, and with its inputs rounded to float32."""
    rounded = case(f"{name}-f32", to_float32(inputs), dtype="float32", **options)
    return case(name, inputs, **options) + "\n" + rounded


def layout_cases():
    """Rank 3 to 5, channels first and last; the second is the first's tensor, permuted."""
    eps = 1e-5
    for dims in [(2, 3, 5), (2, 3, 4, 2), (2, 2, 2, 3, 2)]:
        rank, channels = len(dims), dims[1]
        np.random.seed(rank)
        drawn = {"x": 2 * np.random.randn(*dims) + 1, "gamma": np.random.randn(channels)}
        drawn |= {"beta": np.random.randn(channels), "dy": np.random.randn(*dims)}
        x, gamma, beta = (torch.tensor(drawn[key], requires_grad=True) for key in ("x", "gamma", "beta"))
        y, mean, invstd = torch.native_batch_norm(x, gamma, beta, None, None, True, 0.1, eps)
        y.backward(torch.tensor(drawn["dy"]))
        tensors = {"x": drawn["x"], "dy": drawn["dy"], "y": y.detach().numpy(), "dx": x.grad.numpy()}
        vectors = {"gamma": drawn["gamma"], "dgamma": gamma.grad.numpy(), "mean": mean.numpy()}
        vectors |= {"beta": drawn["beta"], "dbeta": beta.grad.numpy(), "invstd": invstd.numpy()}

        flat = {k: np.moveaxis(v, 1, -1).reshape(-1, channels) for k, v in tensors.items()}
        ours = by_numpy(flat["x"], vectors["gamma"], vectors["beta"], flat["dy"], eps, 0)
        for key in ["y", "dx", "dgamma", "dbeta", "mean", "invstd"]:
            assert_close(f"rank {rank}, {key}", ours[key], {**flat, **vectors}[key])

        for layout in ["channels-first", "channels-last"]:
            if layout == "channels-last":
                tensors = {k: np.moveaxis(v, 1, -1) for k, v in tensors.items()}
            every = tensors | vectors
            order = ["x", "gamma", "beta", "dy", "y", "dx", "dgamma", "dbeta", "mean", "invstd"]
            # Flattened in memory order, so the dims are those of the tensor as it lies there.
            arrays = {key: np.ascontiguousarray(every[key]).reshape(1, -1) for key in order}
            memory_dims = " ".join(str(length) for length in tensors["x"].shape)
            head = [f"case rank-{rank}-{layout}", "dtype float64", f"layout {layout}", f"dims {memory_dims}"]
            head += [f"eps {eps!r}", "ddof 0"]
            yield "\n".join(head + arrays_as_text(arrays) + ["end"]) + "\n"


def random_cases():
    for seed in [0, 1, 42, 231, 1936, 4294967295]:
        np.random.seed(seed)
        normal = np.random.randn(12)
        np.random.seed(seed)
        uniform = np.random.random_sample(6)
        arrays = {"normal": normal, "uniform": uniform}
        yield "\n".join([f"seed {seed}", *arrays_as_text(arrays), "end"]) + "\n"


def drawn_presets():
    """The larger presets, which are nothing but draws."""
    makemore = draw(2147483647, 32, 64, spread=5 / 3)  # its seed, its batch and its hidden units
    makemore["gamma"] = 1 + 0.1 * makemore["gamma"]
    makemore["beta"] = 0.1 * makemore["beta"]
    makemore["dy"] = makemore["dy"] / 32
    for name, inputs in [("cs231nAlt", draw(231, 100, 500, mean=12.0, spread=5.0)), ("makemore", makemore)]:
        for key in INPUTS:
            value = np.atleast_2d(inputs[key])
            text = " ".join(f"{v:.12f}" for v in value.ravel())
            yield " ".join([name, key, *map(str, value.shape), hashlib.sha256(text.encode()).hexdigest()]) + "\n"


# ---- Text ------------------------------------------------------------------------------------------------


def arrays_as_text(arrays):
    lines = []
    earlier = {}
    for name, value in arrays.items():
        value = np.atleast_2d(np.ascontiguousarray(value, dtype=np.float64))
        assert np.isfinite(value).all(), name
        bits = (value.shape, value.tobytes())  # bits, since 0.0 == -0.0
        rows, columns = value.shape
        if bits in earlier:
            lines.append(f"same {name} {earlier[bits]}")
            continue
        earlier[bits] = name
        repeated = rows > 1 and all(row.tobytes() == value[0].tobytes() for row in value)
        lines.append(f"{'rows' if repeated else 'array'} {name} {rows} {columns}")
        lines += [" ".join(repr(float(v)) for v in row) for row in (value[:1] if repeated else value)]
    return lines


def document(about, cases):
    versions = f"NumPy {np.__version__}, PyTorch {torch.__version__}, scikit-learn {sklearn.__version__}"
    written = "Written by tests/data/reference.py, where the format stands; do not edit."
    return f"# {about}\n# {written}\n# {versions}\n" + "".join("\n" + text for text in cases)


def documents():
    cs231n = draw(231, 4, 5, mean=12.0, spread=5.0)
    first_draws = (cs231n["x"].ravel()[:4] - 12) / 5
    known_draws = [0.41794341, 1.39710028, -1.78590431, -0.70882773]
    first_row = by_numpy(**cs231n, eps=1e-5, ddof=0)["dx"][0]
    known_row = [-0.00310319, 0.00305468, -0.00156246, 0.17251307, 0.01388029]
    for ours, known in [(first_draws, known_draws), (first_row, known_row)]:
        assert np.abs(ours - known).max() < 5.1e-9, "known to eight decimals"

    iris = draw_iris()
    return {
        "cs231n.txt": document(
            "The course's case: seed 231, x = 5·randn + 12, gamma, beta, dy; also at other eps and ddof 1.",
            [both("cs231n", cs231n)]
            + [both(f"cs231n-eps-1e-{k}", cs231n, eps=float(f"1e-{k}")) for k in (12, 8, 3, 1)]
            + [both("cs231n-ddof-1", cs231n, ddof=1)],
        ),
        "iris.txt": document(
            "Fisher's iris measurements, in centimetres; gamma, beta, dy from seed 1936.",
            [case("iris", iris)],
        ),
        "iris-f32.txt": document(
            "Fisher's iris measurements, in centimetres; gamma, beta, dy from seed 1936; rounded to float32.",
            [case("iris-f32", to_float32(iris), dtype="float32")],
        ),
        "edges.txt": document(
            "One row, two rows, a constant channel, one channel, and a mean that dwarfs the spread.",
            [
                both("one-row", draw(1, 1, 3, mean=2.0, spread=3.0)),
                both("two-rows", draw(2, 2, 3, mean=2.0, spread=3.0)),
                both("constant-channel", draw_constant_channel()),
                both("one-channel", draw(4, 7, 1, mean=2.0, spread=3.0)),
                # float64 only: float32 keeps no more than four binary digits after the point at 1e6.
                case("large-mean", draw(5, 8, 3, mean=1e6)),
            ],
        ),
        "layouts.txt": document(
            "Batch norm of rank 3 to 5 by PyTorch, training mode, in both layouts.", layout_cases()
        ),
        "presets.txt": document("Digests of the larger presets, which are drawn.", ["".join(drawn_presets())]),
        "numpy-random.txt": document(
            "NumPy's legacy generator: randn after np.random.seed(S), and random_sample after seeding again.",
            random_cases(),
        ),
    }


def main(arguments):
    if arguments == ["--iris"]:
        for row in np.rint(10 * draw_iris()["x"]).astype(int):
            print(*row)
        return 0
    if arguments not in ([], ["--check"]):
        print("usage: reference.py [--check | --iris]", file=sys.stderr)
        return 2

    wrong = 0
    for name, text in documents().items():
        path = HERE / name
        if not arguments:
            path.write_bytes(text.encode())
        elif not path.exists() or path.read_bytes() != text.encode():
            print(f"{name} is not what reference.py writes: run it, or find what changed", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
