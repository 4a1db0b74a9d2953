#!/usr/bin/env python3
"""Reference values for batch, layer, group, instance and RMS norm in any rank: writes norms.txt beside this script.

    /usr/bin/python3 tests/data/norms.py            write the file
    /usr/bin/python3 tests/data/norms.py --check    exit 1 if it differs from what would be written

The format is reference.py's. After `dtype` each case has

    norm NAME       batch, layer, group, instance or rms
    shape N C ...   the tensor's
    groups K        of group norm, else 0
    dims D          how many last dims are normalized by layer and RMS norm, else 0
    offset B        1 where RMS norm multiplies by 1 + gamma, else 0

then `eps` and `ddof`. An array of any rank is written as rows of its last dim: elements in the tensor's shape, statistics
and parameters in that of Norm.stats and Norm.params. Cases of rank 4 keep only some nodes.

NumPy walks the graph by hand on a view of the tensor, in which a group is some axes and a parameter's values are some
others. PyTorch checks every gradient twice: by autograd on that graph, and by its own layer_norm, group_norm,
instance_norm and batch_norm, which know no view.
"""

import sys

sys.dont_write_bytecode = True  # no __pycache__ beside the data

import reference  # first: it makes PyTorch add in one order everywhere
import numpy as np
import torch

ROOT = {"rms": ("ms", "rms", "invrms")}
OWN = ("var", "std", "invstd")


class Norm:
    """Which values share statistics and which a parameter, as axes of a view of the tensor."""

    def __init__(self, kind, shape, groups=0, dims=1, offset=False):
        self.kind, self.shape, self.groups, self.offset = kind, tuple(shape), groups, offset
        self.dims = dims if kind in ("layer", "rms") else 0
        rank = len(shape)
        self.view = self.shape
        if kind in ("layer", "rms"):
            self.over, self.shared = tuple(range(rank - dims, rank)), tuple(range(rank - dims))
            self.stats, self.params = self.shape[: rank - dims], self.shape[rank - dims :]
        else:
            n, c, *positions = shape
            per_channel = (0, *range(2, rank))
            self.params = (c,)
            if kind == "batch":
                self.over, self.shared, self.stats = per_channel, per_channel, (c,)
            elif kind == "instance":
                self.over, self.shared, self.stats = tuple(range(2, rank)), per_channel, (n, c)
            else:
                assert c % groups == 0, "groups must divide the channels"
                self.view = (n, groups, c // groups, *positions)
                self.over, self.shared = tuple(range(2, rank + 1)), (0, *range(3, rank + 1))
                self.stats = (n, groups)
        self.count = int(np.prod([self.view[axis] for axis in self.over], dtype=int))
        self.root = ROOT.get(kind, OWN)  # the names of the mean of squares, its root, and 1 over that
        var, std, invstd = self.root
        own = [] if kind == "rms" else ["mean", "xc"]
        self.values = [*own, "sq", var, std, invstd, "xhat", *([] if kind == "rms" else ["scaled"]), "y"]
        self.gradients = ["dx", "dgamma", *([] if kind == "rms" else ["dbeta"])]
        self.gradients += [f"d{name}" for name in self.values]

    def seen(self, name, value):
        """An input in the view; parameters broadcast there."""
        if name in ("x", "dy"):
            return value.reshape(self.view)
        return value.reshape([1 if axis in self.shared else n for axis, n in enumerate(self.view)])

    def total(self, value):
        """Over the group, dims kept."""
        return value.sum(self.over, keepdims=True) if self.over else value * 1

    def gathered(self, value):
        """Over all values that use a parameter, dims kept."""
        return value.sum(self.shared, keepdims=True) if self.shared else value * 1

    def extent(self, name):
        """The caller's shape of a node or of its gradient."""
        name = name if name in ("dy",) else name.removeprefix("d")
        if name in ("gamma", "beta"):
            return self.params
        return self.stats if name in ("mean", *OWN, *self.root) else self.shape

    def columns(self, value):
        """The tensor as count rows, a group a column."""
        return np.moveaxis(value.reshape(self.view), self.over, range(len(self.over))).reshape(self.count, -1)

    def tensor(self, columns):
        """Back from there to the caller's shape."""
        order = [*self.over, *(axis for axis in range(len(self.view)) if axis not in self.over)]
        turned = columns.reshape([self.view[axis] for axis in order])
        return np.moveaxis(turned, range(len(self.over)), self.over).reshape(self.shape)

    def out(self, found):
        """Arrays of the view in the caller's shapes."""
        return {name: value.reshape(self.extent(name)) for name, value in found.items()}


# ---- The two references ----------------------------------------------------------------------------------


def passes(norm, x, gamma, beta, dy, eps, ddof, sqrt=np.sqrt, spread=np.broadcast_to):
    """Every node's value and gradient of L = sum(dy·y) in the view, one gate a line, derived by hand."""
    total, gathered, n = norm.total, norm.gathered, norm.count
    x, gamma, dy = (norm.seen(name, value) for name, value in [("x", x), ("gamma", gamma), ("dy", dy)])
    factor = 1 + gamma if norm.offset else gamma
    rms = norm.kind == "rms"

    found = {} if rms else {"mean": total(x) / n}
    xc = x if rms else x - found["mean"]
    if not rms:
        found["xc"] = xc
    sq = xc * xc
    var = total(sq) / (n - ddof)
    std = sqrt(var + eps)
    invstd = 1 / std
    xhat = xc * invstd
    found |= {"sq": sq, norm.root[0]: var, norm.root[1]: std, norm.root[2]: invstd, "xhat": xhat}
    scaled = xhat * factor
    found |= {"y": scaled} if rms else {"scaled": scaled, "y": scaled + norm.seen("beta", beta)}

    dscaled = dy * 1
    found["dgamma"] = gathered(dscaled * xhat)
    dxhat = dscaled * factor
    dinvstd = total(dxhat * xc)
    dstd = -dinvstd / (std * std)
    dvar = dstd / (2 * std)
    dsq = spread(dvar / (n - ddof), norm.view)
    direct = dxhat * invstd
    dxc = direct + dsq * 2 * xc  # xc feeds xhat and sq
    found |= {"dsq": dsq, f"d{norm.root[0]}": dvar, f"d{norm.root[1]}": dstd, f"d{norm.root[2]}": dinvstd}
    found |= {"dxhat": dxhat, "dy": dscaled, "direct": direct}
    if rms:
        return found | {"dx": dxc}
    dmean = -total(dxc)
    found |= {"dbeta": gathered(dscaled), "dscaled": dscaled, "dxc": dxc, "dmean": dmean}
    return found | {"dx": dxc + dmean / n}  # x feeds xc and mean


def by_numpy(norm, x, gamma, beta, dy, eps, ddof):
    """Every node and gradient, in the caller's shapes and the dtype of x."""
    return norm.out(passes(norm, x, gamma, beta, dy, eps, ddof))


def by_autograd(norm, x, gamma, beta, dy, eps, ddof):
    """The same nodes by PyTorch, whose autograd takes their gradients."""
    leaf = {name: torch.tensor(v, requires_grad=True) for name, v in [("x", x), ("gamma", gamma)]}
    if beta is not None:
        leaf["beta"] = torch.tensor(beta, requires_grad=True)
    node = {name: norm.seen(name, value) for name, value in leaf.items()}
    factor = 1 + node["gamma"] if norm.offset else node["gamma"]
    var, std, invstd = norm.root
    if norm.kind != "rms":
        node["mean"] = norm.total(node["x"]) / norm.count
        node["xc"] = node["x"] - node["mean"]
    centred = node["x" if norm.kind == "rms" else "xc"]
    node["sq"] = centred * centred
    node[var] = norm.total(node["sq"]) / (norm.count - ddof)
    node[std] = torch.sqrt(node[var] + eps)
    node[invstd] = 1 / node[std]
    node["xhat"] = centred * node[invstd]
    node["y"] = node["xhat"] * factor
    if norm.kind != "rms":
        node["scaled"] = node["y"]
        node["y"] = node["scaled"] + node["beta"]
    for name in norm.values:
        node[name].retain_grad()
    (norm.seen("dy", torch.tensor(dy)) * node["y"]).sum().backward()
    grads = {name: leaf.get(name[1:], node[name[1:]]).grad.numpy() for name in norm.gradients}
    values = {name: node[name].detach().numpy() for name in norm.values}
    return norm.out(values | grads)


def by_library(norm, x, gamma, beta, dy, eps, ddof):
    """y, dx, dgamma, dbeta by PyTorch's own norm; {} where it has none for the case."""
    if ddof == 1 or norm.kind == "rms" or (norm.count == 1 and norm.kind != "layer"):
        return {}
    x, gamma, beta = (torch.tensor(v, requires_grad=True) for v in (x, gamma, beta))
    functional = torch.nn.functional
    if norm.kind == "layer":
        y = functional.layer_norm(x, norm.params, gamma, beta, eps)
    elif norm.kind == "group":
        y = functional.group_norm(x, norm.groups, gamma, beta, eps)
    elif norm.kind == "instance":
        y = functional.instance_norm(x, None, None, gamma, beta, True, 0.1, eps)
    else:
        y = functional.batch_norm(x, None, None, gamma, beta, True, 0.1, eps)
    y.backward(torch.tensor(dy))
    found = {"y": y.detach(), "dx": x.grad, "dgamma": gamma.grad, "dbeta": beta.grad}
    return {name: value.numpy() for name, value in found.items()}


def hold_together(name, norm, ours, *others):
    """All of PyTorch within 1e-12 of what the terms of each array come to."""
    direct = np.abs(ours["direct"]).max() * norm.count
    for theirs in others:
        for key, value in theirs.items():
            scale = max(np.abs(ours[key]).max(), direct if key in ("dx", "dmean", "dxc") else 0)
            off = np.abs(ours[key] - value).max()
            assert off <= 1e-12 * scale, f"{name}: NumPy and PyTorch differ in {key} by {off}"


# ---- The cases -------------------------------------------------------------------------------------------


def draw(norm, seed, mean=0.0, spread=1.0):
    """x, gamma, beta, dy, drawn in this order from NumPy's legacy generator; RMS norm has no beta."""
    np.random.seed(seed)
    inputs = {"x": spread * np.random.randn(*norm.shape) + mean, "gamma": np.random.randn(*norm.params)}
    inputs["beta"] = None if norm.kind == "rms" else np.random.randn(*norm.params)
    return inputs | {"dy": np.random.randn(*norm.shape)}


def tokens(norm):
    """The first images of the digits' preset: eight hidden units each, with their gradient."""
    words = (reference.HERE / "digits-hidden.txt").read_text().split()
    rows, columns = norm.shape

    def taken(name, length):
        begin = words.index(name) + 3
        return np.array([float(word) for word in words[begin : begin + length]])

    inputs = {"x": taken("x", rows * columns).reshape(norm.shape), "gamma": taken("gamma", columns)}
    return inputs | {"beta": None, "dy": taken("dy", rows * columns).reshape(norm.shape)}


FEW = ["dx", "dgamma", "dbeta", "mean", "var", "ms"]


def cases():
    """Name, norm, inputs, eps, ddof, dtype and the nodes to write."""

    def case(name, norm, inputs=None, eps=1e-5, ddof=0, dtype="float64"):
        inputs = inputs or draw(norm, len(name), mean=2.0, spread=3.0)
        if dtype == "float32":
            inputs = {key: v if v is None else v.astype("f4").astype("f8") for key, v in inputs.items()}
        kept = FEW if len(norm.shape) == 4 else norm.values + norm.gradients
        return name, norm, inputs, eps, ddof, dtype, kept

    course = {"mean": 12.0, "spread": 5.0}
    layernorm = Norm("layer", (4, 5))
    yield case("layernorm", layernorm, draw(layernorm, 231, **course))
    spatial = Norm("batch", (2, 3, 4, 5))
    yield case("spatial", spatial, draw(spatial, 231, **course))
    groupnorm = Norm("group", (2, 6, 4, 5), groups=2)
    yield case("groupnorm", groupnorm, draw(groupnorm, 231, **course))
    rows = Norm("rms", (6, 8))
    yield case("tokens", rows, tokens(rows))

    for shape in [(3, 2, 4), (2, 3, 2, 2)]:
        yield case(f"batch-rank-{len(shape)}", Norm("batch", shape))
    for kind in ("layer", "rms"):
        for shape, dims in [((3, 4), 1), ((2, 3, 4), 1), ((2, 2, 3, 2), 1), ((2, 3, 4), 2), ((2, 2, 3, 2), 2)]:
            yield case(f"{kind}-rank-{len(shape)}-dims-{dims}", Norm(kind, shape, dims=dims), eps=1e-3)
        yield case(f"{kind}-f32", Norm(kind, (3, 4)), dtype="float32")
        yield case(f"{kind}-one-value", Norm(kind, (3, 1)), eps=0.1)
    for shape, groups in [((3, 4), 2), ((2, 4, 3), 2), ((2, 6, 1, 2), 3)]:
        yield case(f"group-rank-{len(shape)}", Norm("group", shape, groups=groups))
    for shape in [(2, 3), (2, 3, 4), (2, 2, 3, 2)]:
        yield case(f"instance-rank-{len(shape)}", Norm("instance", shape))
    yield case("group-f32", Norm("group", (2, 4, 3), groups=2), dtype="float32")
    yield case("instance-f32", Norm("instance", (2, 2, 5)), dtype="float32")
    yield case("rms-offset", Norm("rms", (3, 4), offset=True))
    yield case("layer-ddof-1", Norm("layer", (3, 4)), ddof=1)
    yield case("group-ddof-1", Norm("group", (2, 4, 3), groups=2), ddof=1)
    yield case("instance-ddof-1", Norm("instance", (2, 2, 5)), ddof=1)


# ---- Text ------------------------------------------------------------------------------------------------


def as_text(name, norm, inputs, eps, ddof, dtype, keep):
    ours = by_numpy(norm, **inputs, eps=eps, ddof=ddof)
    settings = {"eps": eps, "ddof": ddof}
    hold_together(name, norm, ours, by_autograd(norm, **inputs, **settings), by_library(norm, **inputs, **settings))
    head = [f"case {name}", f"dtype {dtype}", f"norm {norm.kind}", "shape " + " ".join(map(str, norm.shape))]
    head += [f"groups {norm.groups}", f"dims {norm.dims}", f"offset {int(norm.offset)}", f"eps {eps!r}", f"ddof {ddof}"]
    arrays = {key: value for key, value in inputs.items() if value is not None}
    arrays |= {f"numpy.{key}": ours[key] for key in keep if key in ours}
    rows = {key: value.reshape(-1, value.shape[-1] if value.ndim else 1) for key, value in arrays.items()}
    return "\n".join(head + reference.arrays_as_text(rows) + ["end"]) + "\n"


def main(arguments):
    if arguments not in ([], ["--check"]):
        print("usage: norms.py [--check]", file=sys.stderr)
        return 2
    about = "Batch, layer, group, instance and RMS norm; the first four cases are presets."
    text = reference.document(about, (as_text(*case) for case in cases()))
    text = text.replace("tests/data/reference.py", "tests/data/norms.py")
    path = reference.HERE / "norms.txt"
    if not arguments:
        path.write_bytes(text.encode())
    elif not path.exists() or path.read_bytes() != text.encode():
        print("norms.txt is not what norms.py writes: run it, or find what changed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
