#!/usr/bin/env python3
"""Batch norm gone wrong: NumPy programs with one known mistake each, to test what a diagnosis makes of them.

    /usr/bin/python3 tests/data/wrong_programs.py --list                print the names of the cases
    /usr/bin/python3 tests/data/wrong_programs.py --check               try every program, mostly on `random`
    /usr/bin/python3 tests/data/wrong_programs.py --write FOLDER CASE   write what every program gives

The programs are written as students, courses and frameworks write them, in five styles, and from the
mathematics alone: they share nothing with the C++ core. Each is a function (x, gamma, beta, dy, eps, ddof)
that ends in `return locals()`, of which the names of its style are kept; those that are called twice return
both calls' arrays. They compute in the dtype of x.

With N rows, m = N - ddof, S = var + eps, xc = x - mean and dxhat = dy·gamma, what is right:

    dvar  = Σ dxhat·xc·(-1/2)·S^(-3/2)
    dmean = -Σ dxhat/√S + dvar·(-2/m)·Σ xc
    dx    = dxhat/√S + dvar·2·xc/m + dmean/N    (directly, through the variance, through the mean)

--write gives FOLDER/index.json and FOLDER/data.bin:

    case         name, dtype, shape, eps, ddof; x, gamma, beta, dy as [offset, shape]
    programs     id, kind (right, single, pair, unknown, call), style, arrays; a pair has `ids`, a pair or an
                 unknown mistake `first`, a call `call` (1 or 2)
    arrays       by the style's names: offset, shape, dtype, differs, off

data.bin is raw and little-endian, each array at a multiple of 8 bytes; equal arrays are stored once.
`differs` is the largest |wrong - right|, both computed in long double from the same inputs: what the mistake
does, without round-off. `off` is the largest |array as stored - right|, so round-off is in it. Both are null
where the shape is wrong.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the data

import numpy as np
from reference import by_numpy, by_torch, draw, draw_iris, to_float32

# ---- Names -----------------------------------------------------------------------------------------------

# What each style's program hands out, and what that array is. `a->b` is what flows back to a from b alone.
STYLES = {
    "cs231n": {
        "mean": "mean",
        "var": "var",
        "std": "std",
        "x_hat": "xhat",
        "out": "y",
        "dbeta": "dbeta",
        "dgamma": "dgamma",
        "dx_hat": "dxhat",
        "dvar": "dvar",
        "dmean": "dmean",
        "dx": "dx",
    },
    "kratzert": {
        "mu": "mean",
        "xmu": "xc",
        "sq": "sq",
        "var": "var",
        "sqrtvar": "std",
        "ivar": "invstd",
        "xhat": "xhat",
        "gammax": "scaled",
        "out": "y",
        "dbeta": "dbeta",
        "dgammax": "dscaled",
        "dgamma": "dgamma",
        "dxhat": "dxhat",
        "divar": "dinvstd",
        "dxmu1": "xc->xhat",
        "dsqrtvar": "dstd",
        "dvar": "dvar",
        "dsq": "dsq",
        "dxmu2": "xc->sq",
        "dxmu": "dxc",  # in place of the two, where they are added up as they come
        "dx1": "x->xc",
        "dmu": "dmean",
        "dx2": "x->mean",
        "dx": "dx",
    },
    "makemore": {
        "bnmeani": "mean",
        "bndiff": "xc",
        "bndiff2": "sq",
        "bnvar": "var",
        "bnvar_inv": "invstd",
        "bnraw": "xhat",
        "hpreact": "y",
        "dhpreact": "dy",
        "dbngain": "dgamma",
        "dbnbias": "dbeta",
        "dbnraw": "dxhat",
        "dbnvar_inv": "dinvstd",
        "dbnvar": "dvar",
        "dbndiff2": "dsq",
        "dbndiff": "dxc",
        "dbnmeani": "dmean",
        "dhprebn": "dx",
    },
    "pytorch": {
        "input": "x",
        "weight": "gamma",
        "bias": "beta",
        "output": "y",
        "save_mean": "mean",
        "save_invstd": "invstd",
        "grad_output": "dy",
        "grad_input": "dx",
        "grad_weight": "dgamma",
        "grad_bias": "dbeta",
    },
    "closed": {"dx": "dx", "dgamma": "dgamma", "dbeta": "dbeta"},
}
RUNNING = {
    "running_mean": "running_mean",
    "running_var": "running_var",
    "expected_running_mean": "running_mean",
    "expected_running_var": "running_var",
}

# The order in which a comparison looks for the first difference. The inputs and the `a->b` do not count.
ORDER = "mean xc sq var std invstd xhat scaled y dy dbeta dscaled dgamma dxhat".split()
ORDER += "dinvstd dstd dvar dsq dxc dmean dx".split()

PROGRAMS = []


def enter(kind, name, style, call, **more):
    def run(*arguments):
        found = call(*arguments)
        if kind == "call":
            names = STYLES[style] | RUNNING
            return [{key: one[key] for key in names if key in one} for one in found]
        return [{key: found[key] for key in STYLES[style] if key in found}]

    PROGRAMS.append({"id": name, "kind": kind, "style": style, "run": run, **more})
    return call


def program(name, style):
    return lambda call: enter("right" if name == "right" else "single", name, style, call)


def pair(one, other, style, first):
    return lambda call: enter("pair", f"{one} + {other}", style, call, ids=[one, other], first=first)


def unknown(name, style, first):
    return lambda call: enter("unknown", name, style, call, first=first)


def calls(name, style="cs231n"):
    return lambda call: enter("call", name, style, call)


# ---- The right programs, and the forward passes the wrong ones share -------------------------------------


def cs231n_forward(x, gamma, beta, eps, ddof):
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    return mean, var, std, x_hat, out


def kratzert_forward(x, gamma, beta, eps, ddof):
    N, D = x.shape
    mu = np.sum(x, axis=0) / N
    xmu = x - mu
    sq = xmu**2
    var = np.sum(sq, axis=0) / (N - ddof)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    return mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out


def makemore_forward(hprebn, bngain, bnbias, eps, ddof):
    n = hprebn.shape[0]
    bnmeani = hprebn.sum(0, keepdims=True) / n
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff**2
    bnvar = bndiff2.sum(0, keepdims=True) / (n - ddof)
    bnvar_inv = (bnvar + eps) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = bngain * bnraw + bnbias
    return bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact


def pytorch_forward(input, weight, bias, eps, ddof):
    save_mean = input.mean(axis=0)
    save_invstd = 1 / np.sqrt(input.var(axis=0, ddof=ddof) + eps)
    output = (input - save_mean) * save_invstd * weight + bias
    return output, save_mean, save_invstd


def normalise(x, eps, ddof):
    std = np.sqrt(x.var(axis=0, ddof=ddof) + eps)
    return (x - x.mean(axis=0)) / std, std


@program("right", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("right", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("right", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = -dbndiff.sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("right", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd * save_invstd / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("right", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


# ---- The paths of dx -------------------------------------------------------------------------------------


@program("detached-stats", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    dvar = (dx_hat * (x - mean)).sum(axis=0) * -0.5 * (var + eps) ** -1.5
    dmean = -(dx_hat / std).sum(axis=0) - 2 * dvar * (x - mean).sum(axis=0) / m
    dx = dx_hat / std
    return locals()


@program("detached-stats", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = dout * gamma / std
    return locals()


@program("no-mean-path", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    m = len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    xmu = x - mean
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * xmu * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(-dx_hat / std, axis=0) + dvar * np.sum(-2 * xmu, axis=0) / m
    dx = dx_hat / std + dvar * 2 * xmu / m
    return locals()


@program("no-mean-path", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dx1, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1
    return locals()


@program("no-mean-path", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("no-variance-path", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * std**-3
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dmean / N
    return locals()


@program("no-variance-path", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    grad_weight = (grad_output * (input - save_mean)).sum(axis=0) * save_invstd
    grad_input = (grad_output - grad_output.mean(axis=0)) * save_invstd * weight
    return locals()


@program("no-variance-path", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta)
    return locals()


@program("no-direct-path", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = dout.sum(0)
    dgamma = (dout * x_hat).sum(0)
    dx_hat = gamma * dout
    dvar = -0.5 * (dx_hat * (x - mean)).sum(0) / (var + eps) ** 1.5
    dmean = -(dx_hat / std).sum(0) + dvar * (-2 * (x - mean)).sum(0) / m
    dx = dvar * 2 * (x - mean) / m
    dx += dmean / N
    return locals()


@program("no-direct-path", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -divar / sqrtvar**2
    dvar = 0.5 * dsqrtvar / sqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("overwrite-at-xc", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu = 2 * xmu * dsq
    dmu = -np.sum(dxmu, axis=0)
    dx = dxmu + np.ones_like(x) * dmu / N
    return locals()


@program("overwrite-at-xc", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff = 2 * bndiff * dbndiff2
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn = dbndiff + np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("overwrite-at-x", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu = dxmu + 2 * xmu * dsq
    dx = dxmu
    dmu = -np.sum(dxmu, axis=0)
    dx = np.ones_like(x) * dmu / N
    return locals()


@program("overwrite-at-x", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn = np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("no-1/N-variance", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) + dmean / N
    return locals()


@program("no-1/N-variance", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("no-1/N-mean", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    m = len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean
    return locals()


@program("no-1/N-mean", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += dbnmeani  # broadcasting does not divide
    return locals()


@program("no-1/N", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    m = len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    xmu = x - mean
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * xmu, axis=0) * -0.5 * (var + eps) ** -1.5
    dmean = np.sum(-dx_hat / std, axis=0) + dvar * np.sum(-2 * xmu, axis=0) / m
    dx = dx_hat / std + dvar * 2 * xmu + dmean
    return locals()


@program("no-1/N", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu
    dx = dx1 + dx2
    return locals()


@program("no-factor-2", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * (x - mean) / m + dmean / N
    return locals()


@program("no-factor-2", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("twice-1/N-mean", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N**2
    return locals()


@program("twice-1/N-mean", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) / N * dmu
    dx = dx1 + dx2 / N
    return locals()


@program("mean-path-sign", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m - dmean / N
    return locals()


@program("mean-path-sign", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout + dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


@program("variance-path-sign", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std - dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("variance-path-sign", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / std * (dout - dbeta / N + x_hat * dgamma / (N - ddof))
    return locals()


@program("direct-unscaled", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("direct-over-var", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / (var + eps) + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("direct-times-std", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat * std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("uncentred-variance-path", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0)  # the other term is 0
    dx = dx_hat / std + dvar * 2 * x / m + dmean / N
    return locals()


@program("uncentred-variance-path", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - input * k) * save_invstd * weight
    return locals()


@program("xhat-in-variance-path", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * x_hat / m + dmean / N
    return locals()


@program("xhat-in-variance-path", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xhat * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dx-times-n", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / std * (N * dout - dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


@program("dx-times-n", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    x_hat = (input - save_mean) * save_invstd
    grad_bias = grad_output.sum(axis=0)
    grad_weight = (grad_output * x_hat).sum(axis=0)
    grad_input = weight * save_invstd * (n * grad_output - grad_bias - x_hat * grad_weight * n / (n - ddof))
    return locals()


@program("dx-over-n", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (dout - dout.mean(axis=0) - x_hat * dgamma / (N - ddof))
    return locals()


@program("dx-over-n", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight / n
    return locals()


@program("gamma-twice", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    g = dout * gamma
    dx = gamma / std * (g - g.mean(axis=0) - x_hat * (g * x_hat).sum(axis=0) / (N - ddof))
    return locals()


@program("gamma-twice", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = gamma * (dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N)
    return locals()


@program("transposed", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    # One feature a row, as if that were how x had come.
    dx = np.stack(
        [
            gamma[j] / std[j] * (dout[:, j] - dbeta[j] / N - x_hat[:, j] * dgamma[j] / (N - ddof))
            for j in range(D)
        ]
    )
    return locals()


@program("transposed", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = (dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N).T
    return locals()


# ---- dvar, dstd, dmean -----------------------------------------------------------------------------------


@program("dvar-sign", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * 0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-sign", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = 0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("dvar-half", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -((var + eps) ** -1.5), axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-half", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 1.0 / np.sqrt(var + eps) * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dvar-power-half", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -0.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-power-half", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * bnvar_inv * dbnvar_inv  # the exponent was not lowered
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("dvar-power-one", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 / std**2, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-power-one", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("dstd-sign", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = 1.0 / sqrtvar**2 * divar
    dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dstd-power", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar * divar
    dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dvar-averaged", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.mean(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-uncentred", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * x * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-from-xhat", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * x_hat * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dvar-unsummed", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5
    dmean = np.sum(-dx_hat / std, axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dmean-sign", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dmean-sign", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dmean-over-var", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / (var + eps), axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dmean-averaged", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.mean(dx_hat * -1 / std, axis=0) + dvar * np.mean(-2 * (x - mean), axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dmean-averaged", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).mean(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("dmean-unsummed", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = -dx_hat / std
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


# ---- dxhat, dgamma, dbeta --------------------------------------------------------------------------------


@program("no-gamma", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("no-gamma", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("no-gamma", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = (N * dout - dbeta - x_hat * dgamma * N / (N - ddof)) / (N * std)
    return locals()


@program("beta-for-gamma", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * beta
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dgamma-from-x", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dgamma-from-x", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    grad_weight = (grad_output * input).sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("dgamma-from-xc", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * (x - mean), axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dgamma-from-xc", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    grad_weight = dotp = (grad_output * (input - save_mean)).sum(axis=0)
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("dgamma-from-y", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * out, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dgamma-from-y", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (hpreact * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("dgamma-from-scaled", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dx_hat = dout * gamma
    dgamma = np.sum(dx_hat * x_hat, axis=0)
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dgamma-from-scaled", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * gammax, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dbeta-from-dxhat", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dx_hat = dout * gamma
    dbeta = np.sum(dx_hat, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dbeta-from-dxhat", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    g = dout * gamma
    dbeta = g.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = (g - dbeta / N - x_hat * gamma * dgamma / (N - ddof)) / std
    return locals()


@program("swapped", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dgamma = dout.sum(axis=0)
    dbeta = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dgamma - x_hat * dbeta * N / (N - ddof))
    return locals()


@program("swapped", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    dgamma, dbeta = dbeta, dgamma  # handed back in the wrong order
    return locals()


@program("dbeta-averaged", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.mean(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dbeta-averaged", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.mean(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("dgamma-averaged", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.mean(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dgamma-averaged", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).mean(axis=0)
    dx = gamma / std * (dout - dbeta / N - x_hat * dgamma * N / (N - ddof))
    return locals()


@program("averaged", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.mean(dout, axis=0)
    dgamma = np.mean(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("averaged", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.mean(axis=0)
    dgamma = (dout * x_hat).mean(axis=0)
    dx = gamma / std * (dout - dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


@program("wrong-axis", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=1)
    dgamma = np.sum(dout * x_hat, axis=1)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("wrong-axis", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=-1)
    dgamma = (dout * x_hat).sum(axis=-1)
    dx = gamma / std * (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).sum(axis=0) / (N - ddof))
    return locals()


@program("unsummed", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = dout
    dgamma = dout * x_hat
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("unsummed", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = 1 * dout
    dgamma = x_hat * dout
    dx = gamma / std * (dout - dbeta.mean(axis=0) - x_hat * dgamma.sum(axis=0) / (N - ddof))
    return locals()


@program("divided-by-n-again", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dout = dout / N  # the loss has done that already
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("divided-by-n-again", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dgammax = dout / N
    dbeta = np.sum(dgammax, axis=0)
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("dy-ones", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dout = np.ones_like(out)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("dy-ones", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dout = np.ones_like(x)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


# ---- The forward pass ------------------------------------------------------------------------------------


@program("other-ddof-forward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, 1 - ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("other-ddof-forward", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu = np.sum(x, axis=0) / N
    xmu = x - mu
    sq = xmu**2
    var = np.sum(sq, axis=0) / (N - 1 + ddof)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("other-ddof-backward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - (1 - ddof)
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("other-ddof-backward", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - 1 + ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("other-ddof", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    ddof = 1 - ddof
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("other-ddof", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n, other = input.shape[0], 1 - ddof
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, other)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - other)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("eps-outside", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var) + eps
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * std**-3, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("eps-outside", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu = np.sum(x, axis=0) / N
    xmu = x - mu
    sq = xmu**2
    var = np.sum(sq, axis=0) / (N - ddof)
    sqrtvar = np.sqrt(var) + eps
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("no-eps", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    std = np.std(x, axis=0, ddof=ddof)
    var = std**2
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * var**-1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("no-eps", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    std = x.std(axis=0, ddof=ddof)
    x_hat = (x - x.mean(axis=0)) / std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


@program("no-eps-backward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    sigma = np.sqrt(var)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * sigma**-3, axis=0)
    dmean = np.sum(dx_hat * -1 / sigma, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / sigma + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("no-eps-backward", "kratzert")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat / np.sqrt(var)
    dsqrtvar = -1.0 / var * divar
    dvar = 0.5 / np.sqrt(var) * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@program("no-eps-dvar", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * var**-1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("no-eps-dvar", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * bnvar**-1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("keras-eps", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    eps = 1e-3  # the default of another framework
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("keras-eps", "closed")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, 1e-3, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma * N / (N - ddof))
    return locals()


@program("eps-squared", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps**2)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps**2) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("eps-squared", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps * eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("over-var-forward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / (var + eps)
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("over-var-forward", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    save_mean = input.mean(axis=0)
    save_var = input.var(axis=0, ddof=ddof) + eps
    save_invstd = 1 / np.sqrt(save_var)
    normalised = (input - save_mean) / save_var
    output = normalised * weight + bias
    grad_bias = grad_output.sum(axis=0)
    grad_weight = (grad_output * normalised).sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("no-gamma-forward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("no-gamma-forward", "makemore")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani = hprebn.mean(0, keepdims=True)
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff**2
    bnvar = bndiff2.sum(0, keepdims=True) / (n - ddof)
    bnvar_inv = (bnvar + eps) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = bnraw + bnbias
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@program("gamma-beta-swapped-forward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, beta, gamma, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("uncentred-forward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = x / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("uncentred-forward", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    save_mean = input.mean(axis=0)
    save_invstd = 1 / np.sqrt(input.var(axis=0, ddof=ddof) + eps)
    normalised = input * save_invstd
    output = normalised * weight + bias
    grad_bias = grad_output.sum(axis=0)
    grad_weight = (grad_output * normalised).sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("uncentred-variance", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.sum(x**2, axis=0) / m
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("uncentred-variance", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    save_mean = input.mean(axis=0)
    save_invstd = 1 / np.sqrt((input * input).sum(axis=0) / (n - ddof) + eps)
    output = (input - save_mean) * save_invstd * weight + bias
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("one-pass-variance", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.mean(x**2, axis=0) - mean**2
    if ddof == 1:
        var = var * N / (N - 1)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@program("one-pass-variance", "pytorch")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    save_mean = input.sum(axis=0) / n
    variance = ((input * input).sum(axis=0) / n - save_mean * save_mean) * n / (n - ddof)
    save_invstd = 1 / np.sqrt(variance + eps)
    output = (input - save_mean) * save_invstd * weight + bias
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@program("eval-backward", "cs231n")
def _(x, gamma, beta, dout, eps, ddof):
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.zeros_like(var)  # constants, when the running statistics are used
    dmean = np.zeros_like(mean)
    dx = dx_hat / std
    return locals()


# ---- Two mistakes at once --------------------------------------------------------------------------------


@pair("no-gamma", "no-mean-path", "cs231n", first="dxhat")
def _(x, gamma, beta, dout, eps, ddof):
    m = len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m
    return locals()


@pair("dvar-sign", "dmean-sign", "cs231n", first="dvar")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * 0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@pair("swapped", "no-variance-path", "closed", first="dbeta")
def _(x, gamma, beta, dout, eps, ddof):
    x_hat, std = normalise(x, eps, ddof)
    dbeta = (dout * x_hat).sum(axis=0)
    dgamma = dout.sum(axis=0)
    dx = gamma / std * (dout - dout.mean(axis=0))
    return locals()


@pair("no-eps-backward", "no-1/N-mean", "cs231n", first="dvar")
def _(x, gamma, beta, dout, eps, ddof):
    m = len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    sigma = np.sqrt(var)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * sigma**-3, axis=0)
    dmean = np.sum(dx_hat * -1 / sigma, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / sigma + dvar * 2 * (x - mean) / m + dmean
    return locals()


@pair("other-ddof-forward", "dgamma-from-xc", "pytorch", first="invstd")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, 1 - ddof)
    grad_bias = grad_output.sum(axis=0)
    grad_weight = dotp = (grad_output * (input - save_mean)).sum(axis=0)
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@pair("eps-outside", "twice-1/N-mean", "kratzert", first="std")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu = np.sum(x, axis=0) / N
    xmu = x - mu
    sq = xmu**2
    var = np.sum(sq, axis=0) / (N - ddof)
    sqrtvar = np.sqrt(var) + eps
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) / N * dmu
    dx = dx1 + dx2 / N
    return locals()


@pair("dbeta-averaged", "overwrite-at-xc", "makemore", first="dbeta")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnbias = dhpreact.mean(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff = 2 * bndiff * dbndiff2
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn = dbndiff + np.ones_like(hprebn) * dbnmeani / n
    return locals()


@pair("dgamma-from-y", "dvar-half", "cs231n", first="dgamma")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * out, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -((var + eps) ** -1.5), axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@pair("unsummed", "mean-path-sign", "cs231n", first="dbeta")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = dout
    dgamma = dout * x_hat
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m - dmean / N
    return locals()


@pair("divided-by-n-again", "dvar-power-one", "cs231n", first="dbeta")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dout = dout / N
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 / (var + eps), axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@pair("no-gamma-forward", "dmean-unsummed", "cs231n", first="y")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = -dx_hat / std
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@pair("uncentred-forward", "no-direct-path", "cs231n", first="xhat")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = x / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@pair("beta-for-gamma", "dvar-averaged", "cs231n", first="dxhat")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * beta
    dvar = np.mean(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@pair("dstd-sign", "no-1/N-mean", "kratzert", first="dstd")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu, xmu, sq, var, sqrtvar, ivar, xhat, gammax, out = kratzert_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = 1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu
    dx = dx1 + dx2
    return locals()


@pair("dgamma-averaged", "dx-over-n", "closed", first="dgamma")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).mean(axis=0)
    dx = gamma / (N * std) * (dout - dout.mean(axis=0) - x_hat * dgamma * N / (N - ddof))
    return locals()


@pair("dbeta-from-dxhat", "gamma-twice", "pytorch", first="dbeta")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    g = grad_output * weight
    grad_bias = g.sum(axis=0)
    grad_weight = (grad_output * (input - save_mean)).sum(axis=0) * save_invstd
    k = (g * (input - save_mean)).sum(axis=0) * save_invstd**2 / (n - ddof)
    grad_input = (g - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


# ---- Mistakes no one has named ---------------------------------------------------------------------------


@unknown("dvar with the power -5/2", "cs231n", first="dvar")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -2.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@unknown("dmean from dy", "cs231n", first="dmean")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dout * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@unknown("|xc| in the variance path", "cs231n", first="dx")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * np.abs(x - mean) / m + dmean / N
    return locals()


@unknown("std of half the batch", "cs231n", first="std")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=ddof)
    std = np.sqrt(np.var(x[: N // 2], axis=0, ddof=ddof) + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * std**-3, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@unknown("dgamma from tanh of xhat", "closed", first="dgamma")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * np.tanh(x_hat)).sum(axis=0)
    dx = gamma / std * (dout - dbeta / N - x_hat * (dout * x_hat).sum(axis=0) / (N - ddof))
    return locals()


@unknown("a dropout mask left on dxhat", "cs231n", first="dxhat")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    mask = np.random.RandomState(7).random_sample(x.shape) < 0.5
    mask[0, 0] = False  # never all kept, however small the batch
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma * mask / 0.5
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@unknown("the median for the mean", "kratzert", first="mean")
def _(x, gamma, beta, dout, eps, ddof):
    N, D = x.shape
    mu = np.median(x, axis=0)
    xmu = x - mu
    sq = xmu**2
    var = np.sum(sq, axis=0) / (N - ddof)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dsq = np.ones_like(x) * dvar / (N - ddof)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones_like(x) * dmu / N
    dx = dx1 + dx2
    return locals()


@unknown("each row by the variance of the others", "cs231n", first="xhat")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    for i in range(N):
        others = np.delete(x, i, axis=0)
        x_hat[i] = (x[i] - mean) / np.sqrt(others.var(axis=0, ddof=ddof) + eps)
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@unknown("variance mixed with the running one", "makemore", first="var")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani = hprebn.sum(0, keepdims=True) / n
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff**2
    bnvar = 0.9 * bndiff2.sum(0, keepdims=True) / (n - ddof) + 0.1  # the running variance is still 1
    bnvar_inv = (bnvar + eps) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = bngain * bnraw + bnbias
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@unknown("the last row of dy dropped", "cs231n", first="dbeta")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.zeros_like(beta)
    dgamma = np.zeros_like(gamma)
    dx_hat = np.zeros_like(x)
    for i in range(N - 1):
        dbeta += dout[i]
        dgamma += dout[i] * x_hat[i]
        dx_hat[i] = dout[i] * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N
    return locals()


@unknown("the rows of dxhat moved by one", "makemore", first="dxhat")
def _(hprebn, bngain, bnbias, dhpreact, eps, ddof):
    n = hprebn.shape[0]
    bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact = makemore_forward(
        hprebn, bngain, bnbias, eps, ddof
    )
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * np.roll(dhpreact, 1, axis=0)
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = -0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv
    dbndiff2 = np.ones_like(bndiff2) * dbnvar / (n - ddof)
    dbndiff += 2 * bndiff * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0, keepdims=True)
    dhprebn += np.ones_like(hprebn) * dbnmeani / n
    return locals()


@unknown("dx clipped", "cs231n", first="dx")
def _(x, gamma, beta, dout, eps, ddof):
    N, m = len(x), len(x) - ddof
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = np.clip(dx_hat / std + dvar * 2 * (x - mean) / m + dmean / N, -0.1, 0.1)
    return locals()


@unknown("gradients clipped by their norm", "pytorch", first="dbeta")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    grad_bias = grad_output.sum(axis=0)
    dotp = (grad_output * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (grad_output - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    norm = np.sqrt(sum((g**2).sum() for g in (grad_input, grad_weight, grad_bias)))
    if norm > 1:
        grad_input, grad_weight, grad_bias = grad_input / norm, grad_weight / norm, grad_bias / norm
    return locals()


@unknown("dy in half precision", "pytorch", first="dbeta")
def _(input, weight, bias, grad_output, eps, ddof):
    n = input.shape[0]
    output, save_mean, save_invstd = pytorch_forward(input, weight, bias, eps, ddof)
    half = grad_output.astype(np.float16).astype(input.dtype)
    grad_bias = half.sum(axis=0)
    dotp = (half * (input - save_mean)).sum(axis=0)
    grad_weight = dotp * save_invstd
    k = dotp * save_invstd**2 / (n - ddof)
    grad_input = (half - grad_bias / n - (input - save_mean) * k) * save_invstd * weight
    return locals()


@unknown("dx by a one-sided difference of 0.1", "cs231n", first="dx")
def _(x, gamma, beta, dout, eps, ddof):
    mean, var, std, x_hat, out = cs231n_forward(x, gamma, beta, eps, ddof)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = np.zeros_like(x)
    h = 0.1
    for i in range(len(x)):
        moved = x.copy()
        moved[i] += h  # a whole row at a time: the features do not touch
        out_moved = cs231n_forward(moved, gamma, beta, eps, ddof)[-1]
        dx[i] = np.sum(dout * (out_moved - out), axis=0) / h
    return locals()


@unknown("layer norm", "cs231n", first="mean")
def _(x, gamma, beta, dout, eps, ddof):
    D = x.shape[1]
    mean = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True, ddof=ddof)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=1, keepdims=True)
    dmean = np.sum(dx_hat * -1 / std, axis=1, keepdims=True)
    dx = dx_hat / std + dvar * 2 * (x - mean) / (D - ddof) + dmean / D
    return locals()


@unknown("weight decay left in dgamma and dbeta", "closed", first="dbeta")
def _(x, gamma, beta, dout, eps, ddof):
    N = x.shape[0]
    x_hat, std = normalise(x, eps, ddof)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma * N / (N - ddof))
    dbeta = dbeta + 0.1 * beta
    dgamma = dgamma + 0.1 * gamma
    return locals()


# ---- Two calls on the same inputs ------------------------------------------------------------------------


class Layer:
    """The right layer, with running statistics; the wrong ones differ from it in one method."""

    def __init__(self, gamma, beta, eps, ddof):
        self.gamma, self.beta, self.eps, self.ddof = gamma, beta, eps, ddof
        self.running_mean = np.zeros_like(gamma)
        self.running_var = np.ones_like(gamma)

    def move(self, mean, var):
        self.running_mean = 0.9 * self.running_mean + 0.1 * mean
        self.running_var = 0.9 * self.running_var + 0.1 * var

    def forward(self, x):
        mean, var, std, x_hat, out = cs231n_forward(x, self.gamma, self.beta, self.eps, self.ddof)
        self.move(mean, var)
        self.cache = x - mean, std, x_hat
        running_mean, running_var = self.running_mean, self.running_var
        return {key: value for key, value in locals().items() if key not in ("self", "x")}

    def backward(self, dout):
        xmu, std, x_hat = self.cache
        N, m = len(xmu), len(xmu) - self.ddof
        dbeta = np.sum(dout, axis=0)
        dgamma = np.sum(dout * x_hat, axis=0)
        dx_hat = dout * self.gamma
        dvar = np.sum(dx_hat * xmu, axis=0) * -0.5 * std**-3
        dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * xmu, axis=0) / m
        dx = dx_hat / std + dvar * 2 * xmu / m + dmean / N
        return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


def call_twice(layer, x, dout):
    # Copies, since the second call may write into what the first handed out.
    once = {key: value.copy() for key, value in (layer.forward(x) | layer.backward(dout)).items()}
    return once, layer.forward(x) | layer.backward(dout)


@calls("right")
def _(x, gamma, beta, dout, eps, ddof):
    return call_twice(Layer(gamma, beta, eps, ddof), x, dout)


@calls("stateful-forward")
def _(x, gamma, beta, dout, eps, ddof):
    class Stateful(Layer):
        def forward(self, x):
            mean, var = np.mean(x, axis=0), np.var(x, axis=0, ddof=self.ddof)
            self.move(mean, var)
            running_mean, running_var = self.running_mean, self.running_var
            std = np.sqrt(running_var + self.eps)
            x_hat = (x - running_mean) / std
            out = self.gamma * x_hat + self.beta
            self.cache = x - running_mean, std, x_hat
            return {key: value for key, value in locals().items() if key not in ("self", "x", "__class__")}

    return call_twice(Stateful(gamma, beta, eps, ddof), x, dout)


@calls("in-place")
def _(x, gamma, beta, dout, eps, ddof):
    class InPlace(Layer):
        def forward(self, x):
            mean = np.mean(x, axis=0)
            x -= mean
            var = np.sum(x**2, axis=0) / (len(x) - self.ddof)
            std = np.sqrt(var + self.eps)
            x_hat = x / std
            out = self.gamma * x_hat + self.beta
            self.cache = x, std, x_hat
            return dict(mean=mean, var=var, std=std, x_hat=x_hat, out=out)

    return call_twice(InPlace(gamma, beta, eps, ddof), x.copy(), dout)


@calls("accumulate")
def _(x, gamma, beta, dout, eps, ddof):
    class Accumulating(Layer):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.grads = {}

        def backward(self, dout):
            for key, value in super().backward(dout).items():
                self.grads[key] = self.grads.get(key, 0) + value  # no one sets them to 0
            return self.grads

    return call_twice(Accumulating(gamma, beta, eps, ddof), x, dout)


@calls("momentum")
def _(x, gamma, beta, dout, eps, ddof):
    class Hasty(Layer):
        def move(self, mean, var):
            self.running_mean = 0.1 * self.running_mean + 0.9 * mean
            self.running_var = 0.1 * self.running_var + 0.9 * var

    found = call_twice(Hasty(gamma, beta, eps, ddof), x, dout)
    should = call_twice(Layer(gamma, beta, eps, ddof), x, dout)
    expected = [
        {"expected_running_mean": one["running_mean"], "expected_running_var": one["running_var"]}
        for one in should
    ]
    return found[0] | expected[0], found[1] | expected[1]


# ---- The cases -------------------------------------------------------------------------------------------


def cases():
    """Name and {x, gamma, beta, dy, eps, ddof} of each case; the inputs carry its dtype."""
    cs231n = draw(231, 4, 5, mean=12.0, spread=5.0)
    gamma_one = draw(8, 6, 4, mean=1.0, spread=2.0)
    gamma_one["gamma"] = np.ones(4)
    float32 = {key: value.astype(np.float32) for key, value in to_float32(cs231n).items()}

    yield "cs231n", cs231n | {"eps": 1e-5, "ddof": 0}
    yield "iris", draw_iris() | {"eps": 1e-5, "ddof": 0}
    yield "makemore", draw(2147483647, 32, 8) | {"eps": 1e-5, "ddof": 1}
    yield "large-mean", draw(5, 8, 3, mean=1e6) | {"eps": 1e-5, "ddof": 0}
    yield "tiny-std", draw(6, 6, 4, spread=1e-3) | {"eps": 1e-5, "ddof": 0}
    yield "eps-0.1", cs231n | {"eps": 0.1, "ddof": 0}
    yield "two-rows", draw(2, 2, 3, mean=2.0, spread=3.0) | {"eps": 1e-5, "ddof": 0}
    yield "square", draw(7, 5, 5, mean=1.0, spread=2.0) | {"eps": 1e-5, "ddof": 0}
    yield "gamma-one", gamma_one | {"eps": 1e-5, "ddof": 0}
    yield "float32", float32 | {"eps": 1e-5, "ddof": 0}
    yield "wide", draw(9, 100, 500, mean=1.0, spread=2.0) | {"eps": 1e-5, "ddof": 0}
    yield "random", draw(10, 7, 3, mean=-2.0, spread=3.0) | {"eps": 1e-3, "ddof": 0}


# ---- Running and comparing -------------------------------------------------------------------------------


def run(entry, case, dtype=None):
    """What the program gives, a dict for each call; its own copies of the inputs, in dtype if given."""
    inputs = [np.array(case[key], dtype=dtype or case[key].dtype) for key in ("x", "gamma", "beta", "dy")]
    return entry["run"](*inputs, case["eps"], case["ddof"])


def truth(case, dtype=np.longdouble, count=1):
    """Every array by its canonical name, and the running statistics after so many calls."""
    inputs = {key: case[key].astype(dtype) for key in ("x", "gamma", "beta", "dy")}
    right = by_numpy(**inputs, eps=case["eps"], ddof=case["ddof"]) | inputs
    right["xc->xhat"] = right["dx_direct"]
    right["xc->sq"] = right["dx_through_var"]
    right["x->xc"] = right["dxc"]
    right["x->mean"] = right["dx_through_mean"]
    right["running_mean"] = np.zeros_like(inputs["gamma"])
    right["running_var"] = np.ones_like(inputs["gamma"])
    for _ in range(count):
        right["running_mean"] = 0.9 * right["running_mean"] + 0.1 * right["mean"]
        right["running_var"] = 0.9 * right["running_var"] + 0.1 * right["var"]
    return right


def canonical(style, name):
    return (STYLES[style] | RUNNING)[name]


def as_table(value):
    """(1, D) is as good as (D): a row either way."""
    return np.atleast_2d(value)


def largest_difference(value, right):
    """None where the shape is wrong."""
    value, right = as_table(value), as_table(right)
    return np.abs(value - right).max() if value.shape == right.shape else None


def is_off(value, right, tolerance=1e-9):
    difference = largest_difference(value, right)
    return difference is None or not difference <= tolerance * np.abs(right).max()


def first_difference(style, arrays, right):
    """The first array in ORDER, of those the program hands out, that is not what it should be."""
    known = {canonical(style, name): value for name, value in arrays.items()}
    return next((name for name in ORDER if name in known and is_off(known[name], right[name])), None)


# ---- The check -------------------------------------------------------------------------------------------

# Wrong, but not by more than round-off on the case `random`.
INVISIBLE = {
    "one-pass-variance": "the same number but for round-off, which a mean of -2 does not bring out",
    "keras-eps": "the eps of this case is 1e-3 already",
}


def check_right(entry, case, reference, dtype, tolerance):
    (arrays,) = run(entry, case, dtype)
    right = truth(case)
    for name, value in arrays.items():
        node = canonical(entry["style"], name)
        if node in reference:
            # dx and dmean are small differences of large terms.
            scale = np.abs(right["dx_direct" if node in ("dx", "dmean") else node]).max()
            error = largest_difference(value, reference[node])
            assert error is not None and error <= tolerance * scale, f"right, {entry['style']}: {name}"


def agree(one, other, right):
    """Whether two programs' arrays, by canonical names, hold the same wherever both have one."""
    for name in one.keys() & other.keys():
        difference = largest_difference(one[name], other[name])
        scale = max(np.abs(one[name]).max(), np.abs(right[name]).max())
        if difference is None or difference > 1e-9 * scale:
            return False
    return True


def check_calls(entry, case):
    """The first difference at either call, and whether a running statistic is off."""
    firsts, running = [], []
    for k, arrays in enumerate(run(entry, case), start=1):
        right = truth(case, count=k)
        firsts.append(str(first_difference(entry["style"], arrays, right)))
        running += [name for name in RUNNING if name in arrays and is_off(arrays[name], right[RUNNING[name]])]
    wrong = firsts != ["None", "None"] or running != []
    assert wrong == (entry["id"] != "right"), f"{entry['id']}: {firsts}, {running}"
    return " then ".join(firsts) + "".join(f", {name}" for name in sorted(set(running)))


def check():
    every = dict(cases())
    case = every["random"]
    right = truth(case)
    autograd = by_torch(*(case[key] for key in ("x", "gamma", "beta", "dy")), case["eps"], case["ddof"])

    found = {}
    for entry in PROGRAMS:
        name, kind, style = entry["id"], entry["kind"], entry["style"]
        arrays = run(entry, case)[-1]
        if kind == "call":
            seen = check_calls(entry, case)
        else:
            seen = first_difference(style, arrays, right)
            assert (seen is None) == (kind == "right" or name in INVISIBLE), f"{name}, {style}: {seen}"
            assert entry.get("first", seen) == seen, f"{name}: first {seen}, not {entry['first']}"
            known = {canonical(style, key): value for key, value in arrays.items()}
            found.setdefault((kind, name), []).append(known)
        if kind == "right":
            check_right(entry, case, right, np.float64, 1e-13)
            check_right(entry, case, autograd, np.float64, 1e-13)
            for other in every.values():
                check_right(entry, other, truth(other), np.longdouble, 1e-17)

        dx = next(value for key, value in arrays.items() if canonical(style, key) == "dx")
        error = largest_difference(dx, right["dx"])
        shown = "shape" if error is None else f"{float(error / np.abs(right['dx']).max()):.1e}"
        print(f"{kind:8}{name:48}{style:10}{str(seen):<16}  {shown}")

    for (kind, name), (one, *others) in found.items():
        assert all(agree(one, other, right) for other in others), f"{name} differs among its styles"
        # A mistake beyond the bank must not be one within it.
        for (other_kind, other_name), programs in found.items():
            if kind in ("pair", "unknown") and other_kind == "single":
                same = any(agree(one, other, right) for other in programs)
                assert not same, f"{name} cannot be told from {other_name}"

    for name in INVISIBLE:
        assert any(
            first_difference(entry["style"], run(entry, other)[0], truth(other))
            for entry in PROGRAMS
            if entry["id"] == name
            for other in every.values()
        ), f"{name} shows in no case"

    for entry in PROGRAMS:
        for name, other in every.items():
            for arrays in run(entry, other):
                for key, value in arrays.items():
                    what = f"{entry['id']}, {entry['style']}, {name}: {key}"
                    assert value.dtype == other["x"].dtype, f"{what} is {value.dtype}"
                    assert np.isfinite(value).all(), f"{what} is not finite"

    for kind in ["right", "single", "pair", "unknown", "call"]:
        names = [entry["id"] for entry in PROGRAMS if entry["kind"] == kind]
        print(f"{kind}: {len(names)} programs of {len(set(names))} ids")


# ---- Files -----------------------------------------------------------------------------------------------


class Blob:
    """data.bin as it grows. Programs share most of their forward passes, so equal arrays are stored once."""

    def __init__(self):
        self.parts, self.length, self.known = [], 0, {}

    def add(self, value):
        raw = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<")).tobytes()
        if raw not in self.known:
            self.known[raw] = self.length
            padded = raw + bytes(-len(raw) % 8)
            self.parts.append(padded)
            self.length += len(padded)
        return self.known[raw]


def as_number(value):
    return None if value is None else float(value)


def write(folder, name):
    case = dict(cases())[name]
    blob = Blob()
    about = {"name": name, "dtype": str(case["x"].dtype), "shape": list(case["x"].shape)}
    about |= {"eps": case["eps"], "ddof": case["ddof"]}
    for key in ["x", "gamma", "beta", "dy"]:
        about[key] = [blob.add(case[key]), list(case[key].shape)]
    index = {"case": about, "programs": []}

    right = [truth(case, count=k) for k in (1, 2)]
    for entry in PROGRAMS:
        exact = run(entry, case, np.longdouble)
        for k, arrays in enumerate(run(entry, case)):
            program = {key: entry[key] for key in ("id", "kind", "style", "ids", "first") if key in entry}
            if entry["kind"] == "call":
                program["call"] = k + 1
            program["arrays"] = {}
            for key, value in arrays.items():
                node = right[k][canonical(entry["style"], key)]
                program["arrays"][key] = {
                    "offset": blob.add(value),
                    "shape": list(value.shape),
                    "dtype": str(value.dtype),
                    "differs": as_number(largest_difference(exact[k][key], node)),
                    "off": as_number(largest_difference(value, node)),
                }
            index["programs"].append(program)

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(json.dumps(index, indent=1, allow_nan=False) + "\n")
    (folder / "data.bin").write_bytes(b"".join(blob.parts))


def command(script, names, check, write, arguments):
    """What the scripts of wrong programs have in common: names are those of their cases."""
    if arguments == ["--list"]:
        print("\n".join(names))
    elif arguments == ["--check"]:
        check()
    elif len(arguments) == 3 and arguments[0] == "--write" and arguments[2] in names:
        write(arguments[1], arguments[2])
    else:
        print(f"usage: {script} --list | --check | --write FOLDER CASE", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(command("wrong_programs.py", [name for name, _ in cases()], check, write, sys.argv[1:]))
