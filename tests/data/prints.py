#!/usr/bin/env python3
"""Right gradients in the ways in which people print them, to test that none is called wrong.

    /usr/bin/python3 tests/data/prints.py            write everything to the standard output, as JSON
    /usr/bin/python3 tests/data/prints.py --count    print the number of cases and of ways

The cases are drawn by NumPy, and dx, dgamma and dbeta computed from the mathematics alone: with N rows, S = var + eps,

    dx = gamma/√S · (dy - mean(dy) - xhat·mean(dy·xhat)·N/(N - ddof))

A way is what a program computes in (float64, float32, float16, bfloat16) and how it prints the three arrays: NumPy and
PyTorch print themselves; what other programs print is written here after their rules.

Output: a list of cases, each with shape, eps, ddof, x, gamma, beta, dy, and `texts`: for each way its name and text.
"""

import json
import sys

sys.dont_write_bytecode = True

import numpy as np
import torch


def cases():
    """138 of them: sizes, offsets, spreads and eps as people have them."""
    rows = [(3, 1), (4, 5), (4, 2), (8, 3), (5, 4), (16, 8)]
    kinds = [(0, 1, 1e-5), (12, 5, 1e-5), (0, 0.01, 1e-5), (100, 20, 1e-3), (-3, 1, 1e-8), (0, 1, 1e-1), (0.5, 0.2, 0.0)]
    drawn = [(n, d, *kind, ddof) for n, d in rows for kind in kinds for ddof in (0, 1)]
    drawn += [(n, d, 0, 1, 1e-5, 0) for n in (6, 9, 12, 20, 32) for d in (1, 2, 3, 4, 6, 10, 12)]
    drawn += [(n, d, 2, 3, 1e-5, 0) for n in (4, 7, 10) for d in (2, 5, 7, 9, 11, 13)]
    for seed, (n, d, mean, spread, eps, ddof) in enumerate(drawn):
        rng = np.random.RandomState(seed)
        x = mean + spread * rng.randn(n, d)
        yield {"x": x, "gamma": rng.randn(d), "beta": rng.randn(d), "dy": rng.randn(n, d), "eps": eps, "ddof": ddof}
    three = [[1.0], [2.0], [4.0]], [1.0], [0.0], [[1.0], [0.0], [0.0]]
    yield {**dict(zip(("x", "gamma", "beta", "dy"), map(np.array, three))), "eps": 1e-5, "ddof": 0}


def gradients(case, number):
    """dx, dgamma, dbeta, every operation in the type of `number` (torch tensors for bfloat16)."""
    x, gamma, dy = (number(case[name]) for name in ("x", "gamma", "dy"))
    n, m = len(x), len(x) - case["ddof"]
    xc = x - x.mean(0)
    var = (xc * xc).sum(0) / m
    invstd = 1 / (var + case["eps"]) ** 0.5
    xhat = xc * invstd
    dgamma, dbeta = (dy * xhat).sum(0), dy.sum(0)
    dx = gamma * invstd * (dy - dbeta / n - xhat * dgamma / m)
    return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}


def in_float64(a):
    return np.asarray(a, np.float64)


def in_float32(a):
    return np.asarray(a, np.float32)


def in_float16(a):
    return np.asarray(a, np.float16)


def torch_in(dtype):
    return lambda a: torch.tensor(a).to(dtype)


def listed(arrays, show, sign=" = "):
    return "\n".join(f"{name}{sign}{show(array)}" for name, array in arrays.items())


def with_options(show, **options):
    def shown(array):
        with np.printoptions(**options):
            return show(array)

    return shown


def torch_with(**options):
    def shown(array):
        torch.set_printoptions(profile="default")
        torch.set_printoptions(**options)
        return repr(array)

    return shown


def table(show, between=" ", end="\n"):
    """Rows of numbers without brackets; a vector is a row."""
    return lambda a: "\n" + end.join(between.join(map(show, row)) for row in np.atleast_2d(np.asarray(a)).tolist())


def column(show):
    """A vector as a column, a matrix as rows."""
    return lambda a: "\n" + "\n".join(
        " ".join(map(show, row)) for row in (np.asarray(a) if np.ndim(a) > 1 else np.asarray(a)[:, None]).tolist()
    )


def brackets(show, comma=", "):
    def shown(a):
        if isinstance(a, list):
            return "[" + comma.join(map(shown, a)) + "]"
        return show(a)

    return lambda a: shown(np.asarray(a).tolist())


def matlab(decimals):
    """format short and long: a common factor if the largest number has another size than 1."""

    def shown(a):
        a = np.atleast_2d(np.asarray(a))
        power = int(np.floor(np.log10(np.abs(a).max()))) if np.abs(a).max() > 0 else 0
        factor = 0 if -3 <= power < 3 else power
        head = f"\n   1.0e{factor:+03d} *\n" if factor else "\n"
        rows = (" ".join(f"{v / 10.0**factor:9.{decimals}f}" for v in row) for row in a.tolist())
        return head + "\n".join(rows)

    return shown


def cut(decimals):
    def show(v):
        whole = f"{v:.17f}"
        return whole[: whole.index(".") + decimals + 1]

    return show


def fixed(decimals):
    return lambda v: f"{v:.{decimals}f}"


def general(digits):
    return lambda v: f"{v:.{digits}g}"


def exponent(decimals):
    return lambda v: f"{v:.{decimals}e}"


def rounded(decimals, show):
    return lambda a: show(np.round(np.asarray(a), decimals))


def flat(show):
    return lambda a: show(np.asarray(a).reshape(-1))


def shaped(shape, show):
    """dx in another shape, the vectors as they are."""
    return lambda a: show(np.asarray(a).reshape(shape(np.shape(a))) if np.ndim(a) > 1 else a)


def channels_first(show):
    """dx as (2, C, rows/2), if that divides."""

    def shown(a):
        a = np.asarray(a)
        if a.ndim < 2 or len(a) % 2:
            return show(a)
        return show(a.reshape(2, len(a) // 2, a.shape[1]).transpose(0, 2, 1).copy())

    return shown


def tolist(a):
    return repr(a.tolist())


def widened(show):
    return lambda a: show(a.float().numpy() if torch.is_tensor(a) else np.asarray(a).astype(np.float64))


def ways():
    """Name, number type, and how to print the three arrays."""
    numpy = {
        "print": str,
        "repr": repr,
        "precision 3": with_options(str, precision=3),
        "precision 4": with_options(str, precision=4),
        "precision 5, suppress": with_options(str, precision=5, suppress=True),
        "precision 6": with_options(repr, precision=6),
        "precision 17": with_options(repr, precision=17),
        "floatmode fixed": with_options(str, precision=6, floatmode="fixed"),
        "floatmode unique": with_options(str, floatmode="unique"),
        "formatter %.4f": with_options(str, formatter={"float": fixed(4)}),
        "formatter %.3e": with_options(str, formatter={"float": exponent(3)}),
        "formatter %g": with_options(str, formatter={"float": general(6)}),
        "array2string with commas": lambda a: np.array2string(a, separator=", "),
        "tolist": tolist,
        "np.round 3": rounded(3, str),
        "np.round 4": rounded(4, str),
        "np.round 6": rounded(6, repr),
        "np.round 3, tolist": rounded(3, tolist),
        "np.round 4, tolist": rounded(4, tolist),
        "np.round 5, tolist": rounded(5, tolist),
        "a flat list": flat(tolist),
        "flat, precision 4": flat(with_options(str, precision=4)),
        "(1, N, D)": shaped(lambda s: (1, *s), repr),
        "(N, D, 1, 1)": shaped(lambda s: (*s, 1, 1), repr),
        "(N, 1, D)": shaped(lambda s: (s[0], 1, s[1]), with_options(str, precision=4)),
        "NCL": channels_first(repr),
        "NCL, precision 4": channels_first(with_options(str, precision=4)),
    }
    other = {
        "JSON": lambda a: json.dumps(np.asarray(a).tolist()),
        "toFixed(4)": brackets(fixed(4)),
        "toFixed(3)": brackets(fixed(3)),
        "toPrecision(5)": brackets(general(5)),
        "toExponential(4)": brackets(exponent(4)),
        "savetxt": table(exponent(18)),
        "%f": table(fixed(6)),
        "%.4f": table(fixed(4)),
        "%.3f": table(fixed(3)),
        "%g": table(general(6)),
        "%.4g": table(general(4)),
        "%.3e": table(exponent(3)),
        "%e": table(exponent(6)),
        "%.10g": table(general(10)),
        "%.17g": table(general(17)),
        "cout": table(general(6), between="  "),
        "cout as columns": column(general(6)),
        "%.4f as columns": column(fixed(4)),
        "np.round(3) as columns": column(fixed(3)),
        "CSV %.4f": table(fixed(4), between=","),
        "CSV %g": table(general(6), between=","),
        "CSV of all digits": table(repr, between=","),
        "CSV with semicolons": table(fixed(5), between=";"),
        "tabs, %.4f": table(fixed(4), between="\t"),
        "tabs, %.6g": table(general(6), between="\t"),
        "tabs, general of Excel": table(general(10), between="\t"),
        "MATLAB, format short": matlab(4),
        "MATLAB, format long": matlab(15),
        "Octave": matlab(5),
        "R": table(general(7)),
        "Julia": column(repr),
        "cut to 4 decimals": table(cut(4)),
        "cut to 6 decimals": brackets(cut(6)),
        "cut to 8 decimals": brackets(cut(8), comma=" "),
        "Unicode minus": lambda a: brackets(fixed(4))(a).replace("-", "\u2212"),
    }
    for name, show in {**numpy, **other}.items():
        yield f"float64, {name}", in_float64, show
    single = {name: numpy[name] for name in ("print", "repr", "precision 4", "tolist", "np.round 4", "a flat list", "NCL")}
    single.update({name: other[name] for name in ("JSON", "%f", "%g", "CSV of all digits", "MATLAB, format short")})
    for name, show in single.items():
        yield f"float32, {name}", in_float32, show
    yield "float32, widened", in_float32, widened(repr)
    yield "float32, widened, all digits", in_float32, widened(with_options(repr, precision=17))
    for name in ("print", "repr", "tolist", "JSON"):
        yield f"float16, {name}", in_float16, {**numpy, **other}[name]
    yield "float16, widened", in_float16, widened(repr)
    for dtype, name in ((torch.float32, "float32"), (torch.float64, "float64"), (torch.bfloat16, "bfloat16")):
        yield f"PyTorch {name}", torch_in(dtype), torch_with()
        yield f"PyTorch {name}, 8 digits", torch_in(dtype), torch_with(precision=8)
        yield f"PyTorch {name}, sci_mode", torch_in(dtype), torch_with(sci_mode=True)
        yield f"PyTorch {name}, tolist", torch_in(dtype), tolist
        if dtype is torch.bfloat16:
            yield f"PyTorch {name}, widened", torch_in(dtype), widened(repr)


def main():
    everything = list(ways())
    if "--count" in sys.argv:
        print(f"{len(list(cases()))} cases, {len(everything)} ways")
        return
    np.seterr(all="ignore")  # float16 overflows in its largest cases
    written = []
    for case in cases():
        texts = []
        made = {}
        for name, number, show in everything:
            key = name.split(",")[0]
            if key not in made:
                made[key] = gradients(case, number)
            if not all(np.isfinite(np.asarray(a.float() if torch.is_tensor(a) else a)).all() for a in made[key].values()):
                continue
            texts.append([name, listed(made[key], show)])
        written.append(
            {
                "shape": list(case["x"].shape),
                "eps": case["eps"],
                "ddof": case["ddof"],
                **{name: case[name].reshape(-1).tolist() for name in ("x", "gamma", "beta", "dy")},
                "texts": texts,
            }
        )
    json.dump(written, sys.stdout)


main()
