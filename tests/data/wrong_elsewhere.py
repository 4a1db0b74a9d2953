#!/usr/bin/env python3
"""Batch and layer norm gone wrong as in other people's programs, to test what a diagnosis says was computed.

    /usr/bin/python3 tests/data/wrong_elsewhere.py --list                print the names of the cases
    /usr/bin/python3 tests/data/wrong_elsewhere.py --check               try every program on every case
    /usr/bin/python3 tests/data/wrong_elsewhere.py --write FOLDER CASE   write what every program gives, and its prints

wrong_programs.py has the mistakes of the bank. Here are programs in the styles of public code and bug reports, whose
mistakes are not in the bank, or not alone, or not done as there: each a whole forward and backward, from the mathematics
alone. Each has an id, a line on where the mistake is, the array that is wrong first, and what that array should be
explained as. They share nothing with the C++ core.

A program is a function (x, gamma, beta, dout, eps) that ends in `return locals()`, of which NAMES are kept. A kind of
program has its own shape of x: batch (N, D), image (N, H, W, C), layer (N, D) with statistics per row.

`expect` is by array, "*" for any: a list, of which one must be said.

    {"bank": id}                  the bank names it
    {"relation": kind, …}         its ratio to the right array, and so on
    {"explained": kind, …}        eps: eps, outside, twice; formula: sum, rows, shared; paths: shares by pattern ("1" for
                                  the one through the mean), each `right`, `missing`, `shared` or the ratio to what it
                                  should be, null for any formula; clipped, offset
"""

import json
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the data

import numpy as np
from reference import draw
from wrong_programs import PROGRAMS as BANK
from wrong_programs import Blob, as_number, canonical, command, is_off, largest_difference
from wrong_programs import cases as other_cases
from wrong_programs import truth as batch_truth

# By the names that the programs use, what the array is.
NAMES = {
    "mean": "mean",
    "mu": "mean",
    "xmu": "xc",
    "sq": "sq",
    "var": "var",
    "std": "std",
    "inv_std": "invstd",
    "x_hat": "xhat",
    "out": "y",
    "dbeta": "dbeta",
    "dgamma": "dgamma",
    "dx_hat": "dxhat",
    "dinv_std": "dinvstd",
    "dstd": "dstd",
    "dvar": "dvar",
    "dmean": "dmean",
    "dx": "dx",
}
ORDER = "mean xc sq var std invstd xhat y dbeta dgamma dxhat dinvstd dstd dvar dmean dx".split()

PROGRAMS = []


def program(name, first, where, expect, kind="batch"):
    def enter(call):
        PROGRAMS.append(
            {"id": name, "first": first, "where": where, "expect": expect, "variety": kind, "call": call}
        )
        return call

    return enter


def right(name, kind="batch"):
    return program(name, None, "nowhere", {}, kind)


def bank(name):
    return {"bank": name}


def relation(kind, **more):
    return {"relation": kind, **more}


def explained(kind, **more):
    return {"explained": kind, **more}


def other_eps(eps, *more, outside=False):
    return {"*": [explained("eps", eps=eps, outside=outside), *more]}


# ---- Right programs --------------------------------------------------------------------------------------


@right("by loops, with Welford's mean and variance")
def _(x, gamma, beta, dout, eps):
    N, D = x.shape
    mean, m2 = np.zeros_like(gamma), np.zeros_like(gamma)
    for k in range(N):
        delta = x[k] - mean
        mean = mean + delta / (k + 1)
        m2 = m2 + delta * (x[k] - mean)
    var = m2 / N
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    dgamma, dbeta, dx = np.zeros_like(gamma), np.zeros_like(beta), np.zeros_like(x)
    for k in reversed(range(N)):
        dbeta += dout[k]
        dgamma += dout[k] * x_hat[k]
    for k in range(N):
        dx[k] = gamma * inv_std * (dout[k] - dbeta / N - x_hat[k] * dgamma / N)
    return locals()


@right("by einsum and means")
def _(x, gamma, beta, dout, eps):
    mean = np.einsum("nd->d", x) / len(x)
    xmu = x - mean
    var = np.einsum("nd,nd->d", xmu, xmu) / len(x)
    inv_std = (var + eps) ** -0.5
    x_hat = xmu * inv_std
    out = x_hat * gamma + beta
    dbeta = np.einsum("nd->d", dout)
    dgamma = np.einsum("nd,nd->d", dout, x_hat)
    dx_hat = dout * gamma
    dx = inv_std * (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0))
    return locals()


@right("by the Jacobian of each column")
def _(x, gamma, beta, dout, eps):
    N, D = x.shape
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma, dx = dout.sum(0), (dout * x_hat).sum(0), np.zeros_like(x)
    for d in range(D):
        h = x_hat[:, d]
        jacobian = (np.eye(N, dtype=x.dtype) - 1 / x.dtype.type(N) - np.outer(h, h) / N) / std[d]
        dx[:, d] = jacobian.T @ (gamma[d] * dout[:, d])
    return locals()


@right("of images, over three axes", "image")
def _(x, gamma, beta, dout, eps):
    axes, M = (0, 1, 2), x.size // x.shape[-1]
    mean = x.mean(axes)
    var = ((x - mean) ** 2).mean(axes)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(axes), (dout * x_hat).sum(axes)
    dx = gamma / (M * std) * (M * dout - dbeta - x_hat * dgamma)
    return locals()


@right("of rows, transposed there and back", "layer")
def _(x, gamma, beta, dout, eps):
    xt = x.T
    mu = xt.mean(0)
    std = np.sqrt(xt.var(0) + eps)
    x_hat = ((xt - mu) / std).T
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    D = x.shape[1]
    inner = D * dx_hat.T - dx_hat.T.sum(0) - x_hat.T * (dx_hat * x_hat).T.sum(0)
    dx = (inner / (D * std)).T
    return locals()


# ---- The constant eps ------------------------------------------------------------------------------------

OUTSIDE = other_eps(1e-5, bank("eps-outside"), outside=True)


@program("eps outside, derived exactly", "std", "std = sqrt(var) + eps; dvar is that formula's own", OUTSIDE)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var) + eps
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dstd = -(dx_hat * (x - mean)).sum(0) / std**2
    dvar = dstd / (2 * np.sqrt(var))
    dmean = -(dx_hat / std).sum(0)
    dx = dx_hat / std + 2 / N * dvar * (x - mean) + dmean / N
    return locals()


@program("eps outside, the textbook's backward", "std", "std = sqrt(var) + eps before (var + eps)**-1.5", OUTSIDE)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var) + eps
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * (var + eps) ** -1.5
    dmean = np.sum(dx_hat * -1 / np.sqrt(var + eps), axis=0) + dvar * np.mean(-2 * (x - mean), axis=0)
    dx = dx_hat / np.sqrt(var + eps) + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


@program("eps as a floor", "std", "std = sqrt(max(var, eps))", other_eps(0.0, bank("no-eps")))
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(np.maximum(var, eps))
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


def with_eps(own):
    """A whole program that never looks at the eps it is given."""

    def run(x, gamma, beta, dout, eps):
        N, D = x.shape
        mu = 1 / x.dtype.type(N) * np.sum(x, axis=0)
        xmu = x - mu
        var = 1 / x.dtype.type(N) * np.sum(xmu**2, axis=0)
        std = np.sqrt(var + x.dtype.type(own))
        inv_std = 1 / std
        x_hat = xmu * inv_std
        out = gamma * x_hat + beta
        dbeta = np.sum(dout, axis=0)
        dgamma = np.sum(dout * x_hat, axis=0)
        dx_hat = dout * gamma
        dinv_std = np.sum(dx_hat * xmu, axis=0)
        dstd = -dinv_std / std**2
        dvar = 0.5 * dstd / std
        dxmu = dx_hat * inv_std + 2 * xmu * dvar / N
        dmean = -np.sum(dxmu, axis=0)
        dx = dxmu + dmean / N
        return locals()

    return run


for own, also in [(1e-3, ["keras-eps"]), (1e-4, []), (2e-5, []), (1e-6, []), (1e-8, []), (1e-12, ["no-eps"])]:
    program(f"eps {own:g}", "std", f"eps is {own:g} whatever was asked for", other_eps(own, *map(bank, also)))(
        with_eps(own)
    )


@program("eps twice", "std", "sqrt(var + eps + eps)", other_eps(2e-5))
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean = x.mean(0)
    shifted = x.var(0) + eps
    std = np.sqrt(shifted + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = (dx_hat * (x - mean)).sum(0) * -0.5 * (shifted + eps) ** -1.5
    dmean = -(dx_hat / std).sum(0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


@program(
    "eps kept in var",
    "var",
    "var = np.var(x) + eps, and std its root: all else is right",
    {"var": [explained("offset")]},
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean = x.mean(0)
    var = x.var(0) + eps
    std = np.sqrt(var)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (N * dx_hat - dx_hat.sum(0) - x_hat * (dx_hat * x_hat).sum(0)) / (N * std)
    return locals()


@program("eps inside and outside", "std", "sqrt(var + eps) + eps", {"*": [explained("eps", twice=True)]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps) + eps
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


# ---- The statistics --------------------------------------------------------------------------------------


@program(
    "momentum in the mean",
    "mean",
    "mean = 0.9·(batch mean) + 0.1·0, the running mean of a new layer",
    {"mean": [relation("ratio", ratio=0.9), explained("formula", sum=["x"])]},
)
def _(x, gamma, beta, dout, eps):
    running = np.zeros_like(gamma)
    mean = 0.9 * x.mean(0) + 0.1 * running
    xmu = x - mean
    var = np.mean(xmu**2, axis=0)
    std = np.sqrt(var + eps)
    x_hat = xmu / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


@program("the last row not in the mean", "mean", "x[:-1].mean(0)", {"mean": [explained("formula", sum=["x"], rows=True)]})
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean = x[:-1].mean(0)
    xmu = x - mean
    var = (xmu**2).mean(0)
    std = np.sqrt(var + eps)
    x_hat = xmu / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (N * dx_hat - dx_hat.sum(0) - x_hat * (dx_hat * x_hat).sum(0)) / (N * std)
    return locals()


@program(
    "the first column's mean",
    "xc",
    "x - mean[0]",
    {"xc": [explained("paths", shares={"1": "shared"})], "mean": [explained("formula", shared=True)]},
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    xmu = x - mean[0]
    std = np.sqrt(var + eps)
    x_hat = xmu / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = (dx_hat * xmu).sum(0) * -0.5 * std**-3
    dmean = -(dx_hat / std).sum(0) - 2 * dvar * xmu.mean(0)
    dx = dx_hat / std + 2 * dvar * xmu / N + dmean / N
    return locals()


@program(
    "np.std for np.var",
    "var",
    "var = np.std(x, axis=0)",
    {"var": [relation("power", of="std"), relation("equals", other="std"), explained("formula")]},
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = np.mean(x, axis=0), np.std(x, axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = (dx_hat * (x - mean)).sum(0) * -0.5 * std**-3
    dmean = -(dx_hat / std).sum(0)
    dx = dx_hat / std + 2 * dvar * (x - mean) / N + dmean / N
    return locals()


@program("std clipped", "std", "the smaller half of std is raised to its median", {"std": [explained("clipped")]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    std = np.maximum(std, np.sort(std)[len(std) // 2])
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


@program("xhat clipped", "xhat", "np.clip(xhat, -1, 1)", {"xhat": [explained("clipped")]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = np.clip((x - mean) / std, -1, 1)
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


@program(
    "the running std in backward",
    "dx",
    "dx divides by the root of the running variance, 0.9·1 + 0.1·var",
    {"dx": [explained("eps", eps=0.90001)]},
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    running = 0.9 * np.ones_like(gamma) + 0.1 * var
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx = gamma / np.sqrt(running + eps) / N * (N * dout - dbeta - x_hat * dgamma)
    return locals()


# ---- Counts ----------------------------------------------------------------------------------------------


@program(
    "N for N·H·W in forward",
    "mean",
    "the sums over images are divided by N",
    {"mean": [relation("ratio"), explained("formula", sum=["x"])]},
    "image",
)
def _(x, gamma, beta, dout, eps):
    N, H, W, C = x.shape
    mean = x.sum((0, 1, 2)) / N
    xmu = x - mean
    var = (xmu**2).sum((0, 1, 2)) / N
    std = np.sqrt(var + eps)
    x_hat = xmu / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum((0, 1, 2)), (dout * x_hat).sum((0, 1, 2))
    dx_hat = dout * gamma
    dx = (N * dx_hat - dx_hat.sum((0, 1, 2)) - x_hat * (dx_hat * x_hat).sum((0, 1, 2))) / (N * std)
    return locals()


@program(
    "N for N·H·W in backward",
    "dx",
    "dx = gamma/(N·std)·(N·dout - Σ dout - xhat·Σ dout·xhat)",
    {"dx": [explained("paths", shares={"dxhat": "right", "1": "H·W", "xhat": "H·W"})]},
    "image",
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    axes = (0, 1, 2)
    mean, var = x.mean(axes), x.var(axes)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(axes), (dout * x_hat).sum(axes)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma)
    return locals()


@program(
    "dgamma summed over N and W only",
    "dgamma",
    "(dout·xhat).sum((0, 2)), of shape (H, C)",
    {"dgamma": [relation("shape"), relation("per-sample"), relation("unsummed")]},
    "image",
)
def _(x, gamma, beta, dout, eps):
    axes = (0, 1, 2)
    mean, var = x.mean(axes), x.var(axes)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = dout.sum(axes)
    dgamma = (dout * x_hat).sum((0, 2))
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(axes) - x_hat * (dx_hat * x_hat).mean(axes)) / std
    return locals()


@program(
    "D for N",
    "dx",
    "D = x.shape[1] counts in dx",
    {"dx": [explained("paths", shares={"dxhat": "right", "1": "N/D", "xhat": "N/D"})]},
)
def _(x, gamma, beta, dout, eps):
    D = x.shape[1]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx = gamma / (D * std) * (D * dout - dbeta - x_hat * dgamma)
    return locals()


@program("the last row not in dbeta", "dbeta", "a loop to N - 1", {"dbeta": [explained("formula", sum=["dy"], rows=True)]})
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.zeros_like(beta)
    for i in range(N - 1):
        dbeta += dout[i]
    dgamma = (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


# ---- The parameters' gradients ---------------------------------------------------------------------------


@program("dbeta from x", "dbeta", "dbeta = Σ x", {"dbeta": [explained("formula", sum=["x"])]})
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta = np.sum(x, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / N
    dx = dx_hat / std + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


@program("dgamma from x and xhat", "dgamma", "dgamma = Σ x·xhat", {"dgamma": [explained("formula", sum=["x", "xhat"])]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (x * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


@program(
    "dgamma from x, used again in dx",
    "dgamma",
    "dgamma = Σ dout·x, and the closed form of dx takes it",
    {
        "dgamma": [bank("dgamma-from-x"), explained("formula", sum=["dy", "x"])],
        "dx": [explained("paths", shares={"dxhat": "right", "1": "right", "xhat": None})],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x).sum(0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma)
    return locals()


@program(
    "dout scaled in place",
    "dbeta",
    "dout *= gamma comes before dgamma and dbeta",
    {
        "dbeta": [bank("dbeta-from-dxhat"), explained("formula", sum=["dxhat"])],
        "dgamma": [bank("dgamma-from-scaled"), explained("formula", sum=["dxhat", "xhat"])],
    },
)
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dout = dout.copy()
    dout *= gamma
    dx = (dout - dout.mean(0) - x_hat * (dout * x_hat).mean(0)) / std
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    return locals()


@program("|gamma| in backward", "dxhat", "dxhat = dout·|gamma|", {"*": [explained("formula"), explained("paths")]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * np.abs(gamma)
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


# ---- dvar and dmean --------------------------------------------------------------------------------------


@program(
    "dvar with another exponent and sign",
    "dvar",
    "dvar = +1/2·Σ dxhat·xc·(var + eps)^(-1/2)",
    {
        "dvar": [explained("formula", sum=["dxhat", "xc"])],
        "dx": [explained("paths", shares={"dxhat": "right", "1": "right", "xhat": None})],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * 0.5 * (var + eps) ** -0.5, axis=0)
    dmean = np.sum(-dx_hat / std, axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


@program(
    "dvar from dout",
    "dvar",
    "gamma is forgotten in dvar alone",
    {
        "dvar": [explained("formula", sum=["dy", "xc"]), relation("power", of="gamma")],
        "dx": [explained("paths", shares={"dxhat": "right", "1": "right", "xhat": None})],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = np.sum(dout * (x - mean), axis=0) * -0.5 * (var + eps) ** -1.5
    dmean = np.sum(-dx_hat / std, axis=0) - 2 * dvar * np.mean(x - mean, axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


@program(
    "dvar by a mistaken power rule",
    "dvar",
    "-3/2 where -1/2 belongs",
    {
        "dvar": [relation("ratio", ratio=3), explained("formula", sum=["dxhat", "xc"])],
        "dx": [explained("paths", shares={"dxhat": "right", "1": "right", "xhat": 3})],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -1.5 * (var + eps) ** -1.5
    dmean = np.sum(-dx_hat / std, axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


@program(
    "dmean without std",
    "dmean",
    "dmean = -Σ dxhat",
    {
        "dmean": [explained("formula", sum=["dxhat"]), relation("power", of="std")],
        "dx": [explained("paths", shares={"dxhat": "right", "1": None, "xhat": "right"})],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * std**-3
    dmean = -np.sum(dx_hat, axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mean) / N + dmean / N
    return locals()


# ---- dx --------------------------------------------------------------------------------------------------


@program(
    "the mean path unscaled",
    "dx",
    "dbeta/N is taken from outside the bracket",
    {"dx": [explained("paths", shares={"dxhat": "right", "1": None, "xhat": "right"})]},
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx = gamma * inv_std * (dout - x_hat * dgamma / N) - dbeta / N
    return locals()


@program("means of the whole table", "dx", "dxhat.mean() lacks its axis", {"dx": [explained("paths", shares={"1": "shared", "xhat": "shared"})]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean() - x_hat * (dx_hat * x_hat).mean()) / std
    return locals()


@program("the mean path of rows", "dx", "dxhat.mean(1) for dxhat.mean(0)", {"dx": [explained("statistics")]})
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(1, keepdims=True) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


# ---- Two mistakes ----------------------------------------------------------------------------------------


@program(
    "dbeta from x, half the variance path",
    "dbeta",
    "dbeta = Σ x; xc·dvar/N lacks its 2",
    {
        "dbeta": [explained("formula", sum=["x"])],
        "dx": [bank("no-factor-2"), explained("paths", shares={"dxhat": "right", "1": "right", "xhat": 0.5})],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = x.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = (dx_hat * (x - mean)).sum(0) * -0.5 * std**-3
    dmean = -(dx_hat / std).sum(0)
    dx = dx_hat / std + dvar * (x - mean) / N + dmean / N
    return locals()


@program(
    "eps 1e-3, the mean path not divided",
    "std",
    "eps is 1e-3; dmean lacks its 1/N",
    {
        "std": [explained("eps", eps=1e-3, outside=False), bank("keras-eps")],
        "dgamma": [explained("eps", eps=1e-3, outside=False)],
        "dx": [bank("no-1/N-mean"), explained("paths")],
    },
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + x.dtype.type(1e-3))
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dvar = (dx_hat * (x - mean)).sum(0) * -0.5 * std**-3
    dmean = -(dx_hat / std).sum(0)
    dx = dx_hat / std + 2 * dvar * (x - mean) / N + dmean
    return locals()


@program(
    "dbeta averaged, gamma forgotten",
    "dbeta",
    "dbeta = dout.mean(0); dxhat = dout",
    {
        "dbeta": [bank("dbeta-averaged"), relation("ratio"), explained("formula", sum=["dy"])],
        "dxhat": [bank("no-gamma"), relation("equals", other="dy"), relation("power", of="gamma"), explained("name")],
        "dx": [bank("no-gamma"), relation("power", of="gamma"), explained("paths"), explained("formula")],
    },
)
def _(x, gamma, beta, dout, eps):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.mean(0), (dout * x_hat).sum(0)
    dx_hat = dout
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return locals()


# ---- Layer norm ------------------------------------------------------------------------------------------


@program("layer norm with eps 1e-12", "std", "BERT's eps", other_eps(1e-12, bank("no-eps")), "layer")
def _(x, gamma, beta, dout, eps):
    D = x.shape[1]
    mean = x.mean(1, keepdims=True)
    var = x.var(1, keepdims=True)
    std = np.sqrt(var + x.dtype.type(1e-12))
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (D * dx_hat - dx_hat.sum(1, keepdims=True) - x_hat * (dx_hat * x_hat).sum(1, keepdims=True)) / (D * std)
    return locals()


@program(
    "layer norm by an unbiased std plus eps",
    "std",
    "std = x.std(ddof=1) + 1e-6",
    {"*": [explained("eps", eps=1e-6, outside=True)]},
    "layer",
)
def _(x, gamma, beta, dout, eps):
    D = x.shape[1]
    mean = x.mean(1, keepdims=True)
    plain = x.std(1, ddof=1, keepdims=True)
    std = plain + x.dtype.type(1e-6)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dstd = -(dx_hat * (x - mean)).sum(1, keepdims=True) / std**2
    dxmu = dx_hat / std + dstd * (x - mean) / ((D - 1) * plain)
    dx = dxmu - dxmu.mean(1, keepdims=True)
    return locals()


@program(
    "layer norm's dgamma from x",
    "dgamma",
    "dgamma = 2·Σ dout·x over the rows, added twice",
    {"dgamma": [explained("formula", sum=["dy", "x"])]},
    "layer",
)
def _(x, gamma, beta, dout, eps):
    mean = x.mean(1, keepdims=True)
    var = x.var(1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), 2 * (dout * x).sum(0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(1, keepdims=True) - x_hat * (dx_hat * x_hat).mean(1, keepdims=True)) / std
    return locals()


@program(
    "layer norm with N for D",
    "dx",
    "N = x.shape[0] counts in dx",
    {"dx": [bank("samples-for-features"), explained("paths", shares={"dxhat": "right", "1": "D/N", "xhat": "D/N"})]},
    "layer",
)
def _(x, gamma, beta, dout, eps):
    N = x.shape[0]
    mean = x.mean(1, keepdims=True)
    var = x.var(1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx_hat = dout * gamma
    dx = (N * dx_hat - dx_hat.sum(1, keepdims=True) - x_hat * (dx_hat * x_hat).sum(1, keepdims=True)) / (N * std)
    return locals()


@program(
    "layer norm with gamma after the means",
    "dx",
    "dx = gamma/std·(dout - mean(dout) - xhat·mean(dout·xhat)), batch norm's order",
    {"dx": [bank("gamma-factored-out"), explained("statistics"), explained("paths")]},
    "layer",
)
def _(x, gamma, beta, dout, eps):
    mean = x.mean(1, keepdims=True)
    var = x.var(1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    dbeta, dgamma = dout.sum(0), (dout * x_hat).sum(0)
    dx = gamma / std * (dout - dout.mean(1, keepdims=True) - x_hat * (dout * x_hat).mean(1, keepdims=True))
    return locals()


# ---- The cases -------------------------------------------------------------------------------------------

VARIETIES = ["batch", "image", "layer"]


def cases():
    """Name and {x, gamma, beta, dy, eps, ddof, variety}. An image is the same numbers, (2, 2, W, C)."""
    drawn = {
        "cs231n": dict(other_cases())["cs231n"],
        "8x4": draw(84, 8, 4, mean=1.0, spread=2.0) | {"eps": 1e-5, "ddof": 0},
    }
    for name, case in drawn.items():
        for variety in VARIETIES:
            own = dict(case)
            if variety == "image":
                shape = (2, 2, -1, case["x"].shape[1])
                own |= {key: case[key].reshape(shape) for key in ("x", "dy")}
            yield f"{name}-{variety}", own | {"variety": variety}


def run(entry, case, dtype=np.float64):
    """The arrays by what they are."""
    inputs = [np.array(case[key], dtype=dtype) for key in ("x", "gamma", "beta", "dy")]
    if "run" in entry:  # of wrong_programs.py
        (arrays,) = entry["run"](*inputs, dtype(case["eps"]), case["ddof"])
        return {canonical(entry["style"], key): value for key, value in arrays.items()}
    found = entry["call"](*inputs, dtype(case["eps"]))
    return {NAMES[key]: value for key, value in found.items() if key in NAMES}


def layer_truth(case):
    """As by_numpy, over the other axis."""
    x, gamma, beta, dy = (case[key].astype(np.longdouble) for key in ("x", "gamma", "beta", "dy"))
    M = x.shape[1]
    mean = x.sum(1, keepdims=True) / M
    xc = x - mean
    sq = xc * xc
    var = sq.sum(1, keepdims=True) / M
    std = np.sqrt(var + case["eps"])
    invstd = 1 / std
    xhat = xc * invstd
    y = xhat * gamma + beta
    dbeta, dgamma = dy.sum(0), (dy * xhat).sum(0)
    dxhat = dy * gamma
    dinvstd = (dxhat * xc).sum(1, keepdims=True)
    dstd = -dinvstd / std**2
    dvar = dstd / (2 * std)
    dxc = dxhat * invstd + dvar / M * 2 * xc
    dmean = -dxc.sum(1, keepdims=True)
    dx = dxc + dmean / M
    return locals()


def truth(case):
    if case["variety"] == "layer":
        return layer_truth(case)
    flat = case | {key: case[key].reshape(-1, case["x"].shape[-1]) for key in ("x", "dy")}
    found = batch_truth(flat)
    return {
        key: value.reshape(case["x"].shape) if value.shape == flat["x"].shape else value
        for key, value in found.items()
    }


def programs_for(case):
    """Those of wrong_programs.py, which are of batch norm of a matrix, but for the ones called twice; and these."""
    variety = case["variety"]
    own = [{**entry, "kind": "elsewhere" if entry["first"] else "right"} for entry in PROGRAMS]
    bank = [entry for entry in BANK if entry["kind"] != "call"] if variety == "batch" else []
    return bank + [entry for entry in own if entry["variety"] == variety]


def difference(value, right):
    """A shape with dims of 1 is the same."""
    value, right = (np.squeeze(one) for one in (value, right))
    if value.shape != right.shape:
        return None
    return largest_difference(value, right)


# ---- The check -------------------------------------------------------------------------------------------


INVISIBLE = [("|gamma| in backward", "cs231n-batch")]  # every gamma of this case is positive


def check():
    count = 0
    for name, case in cases():
        known = truth(case)
        single = [run(entry, case) for entry in BANK if entry["kind"] == "single"] if "batch" in name else []
        for entry in programs_for(case):
            if "run" in entry:
                continue
            count += 1
            arrays = run(entry, case, np.longdouble)
            off = [one for one in ORDER if one in arrays and is_off_by(arrays[one], known[one])]
            seen = off[0] if off else None
            what = f"{entry['id']}, {name}"
            assert seen == entry["first"] or (entry["id"], name) in INVISIBLE, f"{what}: first {seen}, not {entry['first']}"
            named = any("bank" in one for says in entry["expect"].values() for one in says)
            same = any(
                all(
                    other[key].shape == value.shape and np.allclose(other[key], value, rtol=1e-12, atol=0)
                    for key, value in arrays.items()
                    if key in other
                )
                for other in single
                if entry["first"] in other
            )
            assert not same or named or seen is None, f"{what} is one of the bank's"
            for dtype in (np.float32, np.float64):
                for key, value in run(entry, case, dtype).items():
                    assert value.dtype == dtype and np.isfinite(value).all(), f"{what}: {key} is {value.dtype}"
            if name.startswith("cs231n"):
                print(f"{entry['variety']:8}{entry['id']:48}{str(seen):<10}{entry['where']}")
    print(f"{len(PROGRAMS)} programs, {sum(entry['first'] is None for entry in PROGRAMS)} right; {count} runs")


def is_off_by(value, right):
    apart = difference(value, right)
    return apart is None or not apart <= 1e-14 * np.abs(right).max()


# ---- Files -----------------------------------------------------------------------------------------------


def printed(value):
    """The array as text, by way of giving it."""
    texts = {"typed": json.dumps(value.tolist())}
    for digits in (8, 4, 3):
        with np.printoptions(precision=digits, linewidth=100, threshold=10**6):
            texts[f"print {digits}"] = str(value)
    texts["plain"] = re.sub(r" *\n\n*", "\n", re.sub(r"[\[\]]", " ", texts["print 8"])).strip()
    return texts


def write(folder, name):
    case = dict(cases())[name]
    blob = Blob()
    about = {"name": name, "shape": list(case["x"].shape), "eps": case["eps"], "ddof": case["ddof"]}
    if case["variety"] == "layer":
        about["norm"] = "layer"
    for key in ["x", "gamma", "beta", "dy"]:
        about[key] = [blob.add(case[key]), list(case[key].shape)]
    index = {"case": about, "programs": []}

    known = truth(case)
    for entry in programs_for(case):
        exact, narrow = run(entry, case, np.longdouble), run(entry, case, np.float32)
        program = {key: entry[key] for key in ("id", "kind", "style", "ids", "first", "where", "expect") if key in entry}
        program["arrays"] = {}
        for key, value in run(entry, case).items():
            program["arrays"][key] = {
                "offset": blob.add(value),
                "shape": list(value.shape),
                "differs": as_number(difference(exact[key], known[key])),
                "texts": printed(value),
                "float32": blob.add(narrow[key].astype(np.float64)),
            }
        index["programs"].append(program)

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(json.dumps(index, allow_nan=False) + "\n")
    (folder / "data.bin").write_bytes(b"".join(blob.parts))


if __name__ == "__main__":
    sys.exit(command("wrong_elsewhere.py", [name for name, _ in cases()], check, write, sys.argv[1:]))
