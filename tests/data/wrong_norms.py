#!/usr/bin/env python3
"""Five norms gone wrong: NumPy programs with one known mistake each, for wrong_programs.py's test.

    /usr/bin/python3 tests/data/wrong_norms.py --list                print the names of the cases
    /usr/bin/python3 tests/data/wrong_norms.py --check               try every program on every case
    /usr/bin/python3 tests/data/wrong_norms.py --write FOLDER CASE…  write FOLDER/CASE/index.json and data.bin

wrong_programs.py has batch norm of a matrix in five styles. Here one program, LINES, serves batch norm of higher ranks,
layer, group, instance and RMS norm, since only axes differ (Norm in norms.py): a mistake replaces some of its lines, or
the axes. The lines are NumPy, derived by hand, and share nothing with the C++ core. RMS norm is the same with mean 0.

    S    sums over the group, P over all values that use a parameter, both with dims kept
    w    what multiplies xhat: gamma, or 1 + gamma
    M    values in a group, m = M - ddof, G groups, N samples, `terms` values that use a parameter

A program hands out all its arrays (`all`), or dx, dgamma, dbeta (`three`), by the names of the graph.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the data

import norms
import numpy as np
from norms import Norm, draw
from wrong_programs import Blob, as_number

LINES = {
    "mean": "S(x) / M",
    "xc": "x - mean",
    "sq": "xc**2",
    "var": "S(sq) / m",
    "std": "np.sqrt(var + eps)",
    "invstd": "1 / std",
    "xhat": "xc * invstd",
    "scaled": "xhat * w",
    "y": "scaled + beta",
    "dscaled": "dy",
    "dxhat": "dscaled * w",
    "dbeta": "P(dscaled)",
    "dgamma": "P(dscaled * xhat)",
    "dinvstd": "S(dxhat * xc)",
    "dstd": "-dinvstd / std**2",
    "dvar": "dstd / (2 * std)",
    "dsq": "ones * dvar / m",
    "direct": "dxhat * invstd",
    "through_var": "2 * xc * dsq",
    "dxc": "direct + through_var",
    "dmean": "-S(dxc)",
    "dx": "dxc + dmean / M",
}
RMS = {"mean": "0 * S(x)", "dmean": "0 * S(x)"}
# The same dx in closed form, as llm.c and PyTorch have it.
CLOSED = {"dx": "invstd * (dxhat - centred * S(dxhat) / M - xhat * S(dxhat * xhat) / m)"}

# ---- Mistakes of every norm ------------------------------------------------------------------------------

EVERY = {
    # The gradient of the loss.
    "dy-ones": {"dscaled": "ones"},
    "divided-by-n-again": {"dscaled": "dy / N"},
    # dbeta and dgamma.
    "dgamma-averaged": {"dgamma": "P(dscaled * xhat) / terms"},
    "unsummed": {"dbeta": "dscaled", "dgamma": "dscaled * xhat"},
    "dgamma-from-x": {"dgamma": "P(dscaled * x)"},
    "dgamma-from-y": {"dgamma": "P(dscaled * y)"},
    # dxhat.
    "no-gamma": {"dxhat": "dscaled"},
    # dstd and dvar.
    "dstd-sign": {"dstd": "dinvstd / std**2"},
    "dstd-power": {"dstd": "-dinvstd / std"},
    "dvar-sign": {"dvar": "-dstd / (2 * std)"},
    "dvar-half": {"dvar": "dstd / std"},
    "dvar-power-half": {"dvar": "S(dxhat * xc) * -0.5 * (var + eps) ** -0.5"},
    "dvar-power-one": {"dvar": "S(dxhat * xc) * -0.5 / (var + eps)"},
    "dvar-averaged": {"dvar": "dstd / (2 * std) / M"},
    "dvar-from-xhat": {"dinvstd": "S(dxhat * xhat)"},
    "dvar-unsummed": {
        "dvar": "dxhat * xc * -0.5 * std**-3",
        "through_var": "0 * xc",
        "dx": "direct + dvar * 2 * xc / m + dmean / M",
    },
    "no-eps-dvar": {"dvar": "S(dxhat * xc) * -0.5 * var**-1.5"},
    # The paths of dx.
    "no-direct-path": {"dx": "through_var + dmean / M"},
    "no-1/N-variance": {"dsq": "ones * dvar"},
    "no-factor-2": {"through_var": "xc * dsq"},
    "variance-path-sign": {"through_var": "-2 * xc * dsq"},
    "xhat-in-variance-path": {"through_var": "2 * xhat * dsq"},
    "direct-unscaled": {"dx": "dxhat + through_var + dmean / M"},
    "direct-over-var": {"dx": "dxhat / (var + eps) + through_var + dmean / M"},
    "direct-times-std": {"dx": "dxhat * std + through_var + dmean / M"},
    "gamma-twice": {"dx": "w * (dxc + dmean / M)"},
    "dx-times-n": {"dx": "M * (dxc + dmean / M)"},
    "dx-over-n": {"dx": "(dxc + dmean / M) / M"},
    "no-eps-backward": {
        "dstd": "-dinvstd / var",
        "dvar": "dstd / (2 * np.sqrt(var))",
        "direct": "dxhat / np.sqrt(var)",
    },
    # The forward pass.
    "eps-outside": {"std": "np.sqrt(var) + eps"},
    "eps-squared": {"std": "np.sqrt(var + eps**2)"},
    "keras-eps": {"std": "np.sqrt(var + x.dtype.type(0.001))"},
    "no-eps": {"std": "np.sqrt(var)"},
    "over-var-forward": {"xhat": "xc / (var + eps)"},
    "times-std-forward": {"xhat": "xc * std"},
    "no-gamma-forward": {"y": "xhat + beta"},
}
# Of those with a mean and a beta.
CENTRED = {
    "swapped": {"dbeta": "P(dscaled * xhat)", "dgamma": "P(dscaled)"},
    "dbeta-averaged": {"dbeta": "P(dscaled) / terms"},
    "averaged": {"dbeta": "P(dscaled) / terms", "dgamma": "P(dscaled * xhat) / terms"},
    "dbeta-from-dxhat": {"dbeta": "P(dxhat)"},
    "dgamma-from-xc": {"dgamma": "P(dscaled * xc)"},
    "dgamma-from-scaled": {"dgamma": "P(dscaled * scaled)"},
    "beta-for-gamma": {"dxhat": "dscaled * beta"},
    "dvar-uncentred": {"dinvstd": "S(dxhat * x)"},
    "dmean-sign": {"dmean": "S(dxc)"},
    "dmean-over-var": {"dmean": "-S(dxhat / (var + eps))"},
    "dmean-averaged": {"dmean": "-S(dxc) / M"},
    "dmean-unsummed": {"dmean": "-direct"},
    "detached-stats": {"through_var": "0 * xc", "dx": "dxc"},
    "no-mean-path": {"dx": "dxc"},
    "no-variance-path": {"through_var": "0 * xc"},
    "overwrite-at-xc": {"dxc": "through_var"},
    "overwrite-at-x": {"dx": "ones * dmean / M"},
    "no-1/N": {"dsq": "ones * dvar", "dx": "dxc + dmean"},
    "no-1/N-mean": {"dx": "dxc + dmean"},
    "twice-1/N-mean": {"dx": "dxc + dmean / M**2"},
    "mean-path-sign": {"dx": "dxc - dmean / M"},
    "uncentred-variance-path": {"dx": "direct + 2 * x * dsq + dmean / M"},
    "other-ddof-backward": {"dsq": "ones * dvar / (M - 1 + ddof)"},
    "uncentred-variance": {"sq": "x**2"},
    "other-ddof-forward": {"var": "S(sq) / (M - 1 + ddof)"},
    "other-ddof": {"var": "S(sq) / (M - 1 + ddof)", "dsq": "ones * dvar / (M - 1 + ddof)"},
    "uncentred-forward": {"xhat": "x * invstd"},
    "gamma-beta-swapped-forward": {"scaled": "xhat * beta", "y": "scaled + w"},
    "one-pass-variance": {"var": "(S(x**2) / M - mean**2) * M / m"},
}

# ---- Mistakes of some norms ------------------------------------------------------------------------------

BY_SAMPLE = {"dbeta": "dscaled.sum(places)", "dgamma": "(dscaled * xhat).sum(places)"}
STATISTIC = {"dbeta": "S(dscaled)", "dgamma": "S(dscaled * xhat)"}
SOME = {
    "eval-backward": ("batch instance", {"dvar": "0 * var", "dmean": "0 * mean"}),
    "wrong-axis": ("layer rms group", STATISTIC),
    "per-sample-dgamma": ("group instance", BY_SAMPLE),
    # A divisor of the backward pass.
    "samples-in-mean-path": ("layer", {"dx": "dxc + dmean / G"}),
    "samples-in-variance-path": ("layer rms", {"dsq": "ones * dvar / G"}),
    "samples-for-features": ("layer", {"dsq": "ones * dvar / G", "dx": "dxc + dmean / G"}),
    "all-channels-divisor": ("group", {"dsq": "ones * dvar / (M * K)", "dx": "dxc + dmean / (M * K)"}),
    "positions-divisor": ("group", {"dsq": "ones * dvar / positions", "dx": "dxc + dmean / positions"}),
    "batch-divisor": ("instance", {"dsq": "ones * dvar / (N * M)", "dx": "dxc + dmean / (N * M)"}),
    "samples-divisor": ("batch", {"dsq": "ones * dvar / x.shape[0]", "dx": "dxc + dmean / x.shape[0]"}),
    # A parameter.
    "gamma-outside-means": ("layer group rms", {"dinvstd": "S(dscaled * xc)", "dmean": "-centred * S(dscaled * invstd)"}),
    "gamma-factored-out": ("layer group rms", {"dxhat": "dscaled", "dx": "w * (dxc + dmean / M)"}),
    "no-unit-offset": ("offset", {"scaled": "xhat * gamma", "dxhat": "dscaled * gamma"}),
    "unit-offset": ("rms", {"scaled": "xhat * (1 + gamma)", "dxhat": "dscaled * (1 + gamma)"}),
    "gamma-per-group": (
        "group",
        {
            "scaled": "xhat * of_groups(gamma)",
            "y": "scaled + of_groups(beta)",
            "dxhat": "dscaled * of_groups(gamma)",
            "dbeta": "P(dscaled).sum(2)",
            "dgamma": "P(dscaled * xhat).sum(2)",
        },
    ),
    "gamma-along-samples": (
        "square",
        STATISTIC | {"scaled": "xhat * w.T", "y": "scaled + beta.T", "dxhat": "dscaled * w.T"},
    ),
    # The statistics.
    "no-keepdims": (
        "square",
        {
            "xc": "x - mean.T",
            "xhat": "xc * invstd.T",
            "dsq": "ones * dvar.T / m",
            "direct": "dxhat * invstd.T",
            "dx": "dxc + dmean.T / M",
        },
    ),
    "annotated-transformer": (
        "layer",
        {"var": "S(sq) / (M - 1)", "std": "np.sqrt(var) + eps", "dsq": "ones * dvar / M"},
    ),
    "mean-subtracted": ("rms", {"mean": LINES["mean"], "dmean": LINES["dmean"]}),
    "layer-backward": ("rms", {"dx": "dxc - S(direct) / M"}),
    "variance-for-ms": ("rms", {"var": "S((x - S(x) / M) ** 2) / M"}),
    "sum-of-squares": ("rms", {"var": "S(sq)", "dsq": "ones * dvar"}),
    "no-rms-path": ("rms", {"dx": "direct"}),
}


def other_groupings(norm):
    """Norms of the same tensor and parameters, whose groups are not the right ones."""

    def with_groups(over, stats, view=None):
        other = Norm(norm.kind, norm.shape, norm.groups, norm.dims or 1, norm.offset)
        other.view, other.over, other.stats = view or norm.view, over, stats
        other.count = int(np.prod([other.view[axis] for axis in over]))
        return other

    rank, samples = len(norm.view), norm.shape[0]
    flat = norm.kind in ("layer", "rms")
    if norm.kind != "batch":
        yield "over-the-batch", with_groups(norm.shared, norm.params)
        if not flat or len(norm.stats) > 1:
            yield "over-the-sample", with_groups(tuple(range(1, rank)), (samples,))
    elif rank > 2:
        other = with_groups((0,), norm.params, (-1, *norm.params))
        other.shared, other.count = (0,), norm.count
        yield "no-transpose", other
    if norm.kind == "group":
        n, groups, each, *positions = norm.view
        turned = (n, each, groups, *positions)
        yield "interleaved-groups", with_groups((1, *range(3, rank)), norm.stats, turned)
        yield "wrong-reshape", with_groups(tuple(range(2, rank)), (n, each), turned)


def programs(norm, ddof):
    """Id, norm, lines, and the shapes of arrays that have not the right one."""
    square = norm.kind in ("layer", "rms") and len(norm.shape) == 2 and norm.shape[0] == norm.shape[1]
    yield "right", norm, {}, {}
    yield "right", norm, CLOSED, {}
    for name, lines in (EVERY | ({} if norm.kind == "rms" else CENTRED)).items():
        shapes = {"dvar-unsummed": {"dvar": norm.shape}, "dmean-unsummed": {"dmean": norm.shape}}.get(name, {})
        yield name, norm, lines, dict.fromkeys(["dbeta", "dgamma"], norm.shape) if name == "unsummed" else shapes
    for name, (kinds, lines) in SOME.items():
        takes = kinds.split()
        if norm.offset and name == "unit-offset" or name == "annotated-transformer" and ddof == 1:
            continue
        if name == "per-sample-dgamma" and len(norm.shape) == 2:  # that is `unsummed`
            continue
        if norm.kind in takes or norm.offset and "offset" in takes or square and "square" in takes:
            shape = {"wrong-axis": norm.stats, "per-sample-dgamma": norm.shape[:2], "gamma-per-group": norm.stats[1:]}
            yield name, norm, lines, dict.fromkeys(["dbeta", "dgamma"], shape[name]) if name in shape else {}
    if norm.kind == "batch":
        rest = (norm.shape[0], *norm.shape[2:])
        lines = {"dbeta": "dscaled.sum(1)", "dgamma": "(dscaled * xhat).sum(1)"}
        yield "wrong-axis", norm, lines, {"dbeta": rest, "dgamma": rest}
    if len(norm.shape) == 2:
        yield "transposed", norm, {"dx": f"({LINES['dx']}).T"}, {"dx": norm.shape[::-1]}
    for name, other in other_groupings(norm):
        yield name, other, {}, {}


# Not in the bank: batch norm's rows of positions, layer norm's samples of several dims, and in RMS norm's graph no edge
# for these.
UNKNOWN = {
    "no-transpose": "batch",
    "samples-divisor": "batch",
    "over-the-sample": "layer rms",
    "dy-ones": "rms",
    "no-gamma-forward": "rms",
    "transposed": "group",
}


def is_unknown(id, norm):
    return norm.kind in UNKNOWN.get(id, "").split()


HANDED_OUT = [name for name in LINES if name not in ("direct", "through_var")]
NAMES = {"var": "ms", "std": "rms", "invstd": "invrms"}
NOT_OF_RMS = ["mean", "xc", "scaled", "dscaled", "dbeta", "dxc", "dmean"]
THREE = ["dx", "dgamma", "dbeta"]
# The program has no such array, or it is not the one that the graph has by that name.
HIDDEN = {"dvar-unsummed": ["dsq", "dxc"]}


def run(name, norm, lines, shapes, case, dtype=None):
    """What the program hands out, by the names of the graph, in the caller's shapes."""
    own = {key: case[key].astype(dtype or case[key].dtype) for key in ("x", "gamma", "dy")}
    given = case["beta"]
    own["beta"] = np.zeros_like(own["gamma"]) if given is None else given.astype(own["x"].dtype)
    space = {key: norm.seen(key, value) for key, value in own.items()}
    rms = norm.kind == "rms"
    count, size = norm.count, case["x"].size
    terms = size // space["gamma"].size
    samples = size // count if norm.kind in ("layer", "rms") else norm.shape[0]
    space |= {"np": np, "S": norm.total, "P": norm.gathered, "ones": np.ones_like(space["x"]), "M": count}
    space |= {"m": count - case["ddof"], "G": size // count, "N": samples, "terms": terms, "K": norm.groups}
    space |= {"eps": case["eps"], "ddof": case["ddof"], "w": 1 + space["gamma"] if norm.offset else space["gamma"]}
    space |= {"positions": int(np.prod(norm.shape[2:])), "places": tuple(norm.shared[1:])}
    space["centred"] = 0 if rms else 1
    space["of_groups"] = lambda p: p.ravel()[: norm.groups].reshape(1, -1, *[1] * (len(norm.view) - 2))
    for key, line in (LINES | (RMS if rms else {}) | lines).items():
        space[key] = eval(line, space)
    out = {}
    for key in HANDED_OUT:
        if key in HIDDEN.get(name, []) or (rms and key in NOT_OF_RMS):
            continue
        d = "d" if key.startswith("d") else ""
        node = d + NAMES.get(key.removeprefix("d"), key.removeprefix("d")) if rms else key
        shape = shapes.get(key, norm.extent(node))
        out[node] = np.ascontiguousarray(np.broadcast_to(space[key], space[key].shape).reshape(shape))
    return out


def truth(norm, case, dtype=np.longdouble):
    inputs = {key: v if v is None else v.astype(dtype) for key, v in case.items() if key in ("x", "gamma", "beta", "dy")}
    return norms.by_numpy(norm, **inputs, eps=case["eps"], ddof=case["ddof"])


# ---- The cases -------------------------------------------------------------------------------------------

SHAPES = {
    "batch": [(3, 2, 4), (2, 3, 2, 4), (2, 2, 2, 1, 3), (4, 3, 5)],
    "layer": [(4, 5), (2, 3, 7), (2, 3, 2, 4), (5, 5)],
    "group": [(3, 6, 4), (2, 6, 2, 3), (4, 6), (2, 4, 5)],
    "instance": [(3, 2, 6), (2, 3, 2, 4), (2, 2, 2, 1, 3), (4, 3, 5)],
    "rms": [(4, 5), (2, 3, 7), (2, 3, 2, 4), (5, 5)],
}
GROUPS = [2, 3, 2, 2]


def cases():
    """Name, norm and {x, gamma, beta, dy, eps, ddof} of each case; the inputs carry its dtype."""
    for kind, shapes in SHAPES.items():

        def norm(at, **options):
            groups = GROUPS[at] if kind == "group" else 0
            return Norm(kind, shapes[at], groups, 2 if at == 2 else 1, **options)

        course = draw(norm(0), 231, mean=12.0, spread=5.0)
        single = {key: v if v is None else v.astype(np.float32) for key, v in course.items()}
        usual = {"eps": 1e-5, "ddof": 0}
        yield f"{kind}-course", norm(0), course | usual
        yield f"{kind}-float32", norm(0), single | usual
        yield f"{kind}-eps-0.1", norm(0), course | {"eps": 0.1, "ddof": 0}
        yield f"{kind}-deep", norm(1), draw(norm(1), 11, mean=-2.0, spread=3.0) | usual
        yield f"{kind}-tiny-std", norm(1), draw(norm(1), 12, spread=1e-3) | usual
        yield f"{kind}-large-mean", norm(3), draw(norm(3), 13, mean=1e6) | usual
        yield f"{kind}-square", norm(3), draw(norm(3), 14, mean=1.0, spread=2.0) | usual
        own = {"offset": True} if kind == "rms" else {}
        ddof = 0 if kind == "rms" else 1
        yield f"{kind}-own", norm(2, **own), draw(norm(2), 15, mean=1.0, spread=2.0) | {"eps": 1e-3, "ddof": ddof}


# ---- Files and check -------------------------------------------------------------------------------------


def difference(value, right):
    """The largest, or None where the shape is wrong; dims of 1 don't count."""
    return np.abs(value - right.reshape(value.shape)).max() if squeezed(value) == squeezed(right) else None


def squeezed(value):
    return [n for n in value.shape if n > 1]


def write(folder, number, name, norm, case):
    blob = Blob()
    about = {"name": name, "dtype": str(case["x"].dtype), "norm": norm.kind, "shape": list(norm.shape)}
    about |= {"groups": norm.groups, "dims": norm.dims, "offset": norm.offset, "eps": case["eps"], "ddof": case["ddof"]}
    for key in ["x", "gamma", "beta", "dy"]:
        if case[key] is not None:
            about[key] = [blob.add(case[key]), list(case[key].shape)]
    index = {"case": about, "programs": []}
    right = truth(norm, case)
    for id, *program in programs(norm, case["ddof"]):
        exact, got = run(id, *program, case, np.longdouble), run(id, *program, case)
        arrays = {
            key: {
                "offset": blob.add(value),
                "shape": list(value.shape),
                "dtype": str(value.dtype),
                "differs": as_number(difference(exact[key], right[key])),
                "off": as_number(difference(value, right[key])),
            }
            for key, value in got.items()
        }
        kind = "right" if id == "right" else "unknown" if is_unknown(id, norm) else "single"
        ways = {"all": list(arrays), "three": THREE}
        # a half of the mistakes each way, the other half on the next case: all of both would take twice as long
        turn = (len(index["programs"]) + number) % 2
        for style, names in ways.items() if id == "right" else [list(ways.items())[turn]]:
            chosen = {key: arrays[key] for key in names if key in arrays}
            index["programs"].append({"id": id, "kind": kind, "style": style, "arrays": chosen})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(json.dumps(index, indent=1, allow_nan=False) + "\n")
    (folder / "data.bin").write_bytes(b"".join(blob.parts))


def check():
    """Every mistake changes an array on some case of each norm it is tried on; right programs change none."""
    seen = {}
    for name, norm, case in cases():
        right, single = truth(norm, case), case["x"].dtype == np.float32
        for id, *program in programs(norm, case["ddof"]):
            wrong = []
            for key, value in run(id, *program, case).items():
                assert value.dtype == case["x"].dtype, f"{name}, {id}: {key} is {value.dtype}"
                assert np.isfinite(value).all(), f"{name}, {id}: {key} is not finite"
            for key, value in run(id, *program, case, np.longdouble).items():
                off = difference(value, right[key])
                if off is None or off > 1e-13 * max(np.abs(right[key]).max(), np.abs(right["direct"]).max()):
                    wrong.append(key)
            assert id != "right" or not wrong, f"{name}: the right program is off in {wrong}"
            seen.setdefault((norm.kind, id), []).append(bool(wrong))
    for (kind, id), found in seen.items():
        assert any(found) == (id != "right") or id == "one-pass-variance", f"{kind}: {id} shows on {sum(found)} cases"
        print(f"{kind:10}{id:30}{sum(found)} of {len(found)}")
    for kind in SHAPES:
        print(f"{kind}: {len([id for norm, id in seen if norm == kind]) - 1} mistakes")


def main(arguments):
    names = [name for name, *_ in cases()]
    if arguments == ["--list"]:
        print("\n".join(names))
    elif arguments == ["--check"]:
        check()
    elif len(arguments) > 2 and arguments[0] == "--write" and set(arguments[2:]) <= set(names):
        for number, (name, *case) in enumerate(cases()):
            if name in arguments[2:]:
                write(Path(arguments[1]) / name, number, name, *case)
    else:
        print("usage: wrong_norms.py --list | --check | --write FOLDER CASE…", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
