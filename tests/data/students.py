#!/usr/bin/env python3
"""Batch norm as six students write it, each once right and once with one wrong line, through backnorm_check.

    /usr/bin/python3 tests/data/students.py          run all twelve, where npm install has put backnorm; print JSON
    /usr/bin/python3 tests/data/students.py --cells  print their cells for a notebook, as JSON

A program is the text of a notebook's cell below the case: names and manner are its own, and it ends in the call. A wrong
program has its `wrong` line in place of its `right` one; `first` is then the first wrong array, in the names of the
program, `id` is Backnorm's name for it, and `says` is in the answer.
"""

import json
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parents[2]
CHECK = (ROOT / "web/examples/notebook/backnorm_check.py").read_text("utf-8")

CASE = """
import numpy as np

rng = np.random.RandomState(231)
x = 5 * rng.randn(6, 4) + 12
gamma, beta, dout = rng.randn(4), rng.randn(4), rng.randn(6, 4)
eps = 1e-5
"""

PROGRAMS = {}

PROGRAMS["staged"] = {
    "right": "dvar = np.sum(dxhat * xc, axis=0) * -0.5 * (var + eps) ** -1.5",
    "wrong": "dvar = np.sum(dxhat * xc, axis=0) * -0.5 * (var + eps) ** -0.5",
    "first": "dvar",
    "says": "the exponent",
    "text": """
def batchnorm_forward(x, gamma, beta, eps):
    mean = np.mean(x, axis=0)
    xc = x - mean
    var = np.mean(xc ** 2, axis=0)
    std = np.sqrt(var + eps)
    xhat = xc / std
    return gamma * xhat + beta, (xc, var, std, xhat, gamma, eps)


def batchnorm_backward(dout, cache):
    xc, var, std, xhat, gamma, eps = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xc, axis=0) * -0.5 * (var + eps) ** -1.5
    dxc = dxhat / std + 2 / N * xc * dvar
    dmean = -np.sum(dxc, axis=0)
    dx = dxc + dmean / N
    return dx, dgamma, dbeta


out, cache = batchnorm_forward(x, gamma, beta, eps)
backnorm_check(batchnorm_backward, dout, cache, x=x, gamma=gamma, beta=beta, eps=eps)
""",
}

PROGRAMS["closed form"] = {
    "right": "dx = (N * dx_hat - dx_hat.sum(0) - x_hat * (dx_hat * x_hat).sum(0)) / (N * sigma)",
    "wrong": "dx = (N * dx_hat - x_hat * (dx_hat * x_hat).sum(0)) / (N * sigma)",
    "first": "dx",
    "says": "the path through the mean",
    "text": """
def bn_backward(dout, x_hat, gamma, sigma):
    N = len(dout)
    dx_hat = dout * gamma
    dx = (N * dx_hat - dx_hat.sum(0) - x_hat * (dx_hat * x_hat).sum(0)) / (N * sigma)
    return dx, (dout * x_hat).sum(0), dout.sum(0)


sigma = np.sqrt(x.var(0) + eps)
x_hat = (x - x.mean(0)) / sigma
backnorm_check(bn_backward, dout, x_hat, gamma, sigma, x=x, gamma=gamma, beta=beta, eps=eps)
""",
}

PROGRAMS["tuple cache"] = {
    "right": "var = 1. / N * np.sum(sq, axis=0)",
    "wrong": "var = 1. / (N - 1) * np.sum(sq, axis=0)",
    "first": "var",
    "says": "N and N − 1",
    "text": """
def batchnorm_forward(x, gamma, beta, eps):
    N, D = x.shape
    mu = 1. / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1. / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1. / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    return out, cache


def broadcast(row, N):
    return np.ones((N, 1)) * row


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * 1. / np.sqrt(var + eps) * dsqrtvar
    dsq = 1. / N * broadcast(dvar, N)
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1. / N * broadcast(dmu, N)
    dx = dx1 + dx2
    return dx, dgamma, dbeta


out, cache = batchnorm_forward(x, gamma, beta, eps)
backnorm_check(batchnorm_backward, dout, cache, x=x, gamma=gamma, beta=beta, eps=eps)
""",
}

PROGRAMS["dict cache"] = {
    "right": "grads['dgamma'] = np.einsum('nd,nd->d', dout, cache['x_hat'])",
    "wrong": "grads['dgamma'] = np.einsum('nd,nd->d', dout, cache['x'])",
    "first": "dgamma",
    "says": "by x, where xhat belongs",
    "text": """
def forward(x, params, eps):
    cache = {"x": x, "sample_mean": x.mean(axis=0), "sample_var": x.var(axis=0), "eps": eps}
    cache["x_hat"] = (x - cache["sample_mean"]) / np.sqrt(cache["sample_var"] + eps)
    cache["gamma"] = params["gamma"]
    return params["gamma"] * cache["x_hat"] + params["beta"], cache


def backward(dout, cache):
    grads, N = {}, dout.shape[0]
    grads['dbeta'] = np.einsum('nd->d', dout)
    grads['dgamma'] = np.einsum('nd,nd->d', dout, cache['x_hat'])
    dout *= cache['gamma']  # dx_hat from here on
    invstd = 1 / np.sqrt(cache['sample_var'] + cache['eps'])
    grads['dx'] = invstd * (dout - dout.mean(axis=0) - cache['x_hat'] * (dout * cache['x_hat']).mean(axis=0))
    return grads


out, cache = forward(x, {"gamma": gamma, "beta": beta}, eps)
backnorm_check(backward, dout, cache, x=x, gamma=gamma, beta=beta, eps=eps)
""",
}

PROGRAMS["class"] = {
    "right": "dxhat = self.gamma * dout",
    "wrong": "dxhat = dout",
    "first": "dxhat",
    "says": "the factor gamma is missing",
    "text": """
class BatchNorm:
    def __init__(self, gamma, beta, eps=1e-5):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def forward(self, x):
        self.mean = x.mean(axis=0, keepdims=True)
        self.var = x.var(axis=0, keepdims=True)
        self.xhat = (x - self.mean) / np.sqrt(self.var + self.eps)
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xhat).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        dxhat = self.gamma * dout
        return self._through_statistics(dxhat)

    def _through_statistics(self, d):
        inner = d - d.mean(axis=0) - self.xhat * (d * self.xhat).mean(axis=0)
        return inner / np.sqrt(self.var + self.eps)


layer = BatchNorm(gamma, beta, eps)
layer.forward(x)
backnorm_check(layer.backward, dout, x=x, gamma=gamma, beta=beta, eps=eps)
""",
}

PROGRAMS["autograd Function"] = {
    "right": "grad_bias = grad_output.sum(0)",
    "wrong": "grad_bias = grad_output.mean(0)",
    "first": "grad_bias",
    "id": "dbeta",
    "says": "averages dy over the rows",
    "text": """
import torch


class MyBatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, weight, bias, eps):
        mean, var = input.mean(0), input.var(0, unbiased=False)
        invstd = torch.rsqrt(var + eps)
        xhat = (input - mean) * invstd
        ctx.save_for_backward(xhat, weight, invstd)
        return xhat * weight + bias

    @staticmethod
    def backward(ctx, grad_output):
        xhat, weight, invstd = ctx.saved_tensors
        grad_bias = grad_output.sum(0)
        grad_weight = (grad_output * xhat).sum(0)
        grad_xhat = grad_output * weight
        grad_input = invstd * (grad_xhat - grad_xhat.mean(0) - xhat * (grad_xhat * xhat).mean(0))
        return grad_input, grad_weight, grad_bias, None


inputs = [torch.tensor(a, dtype=torch.float32, requires_grad=True) for a in (x, gamma, beta)]
y = MyBatchNorm.apply(*inputs, eps)
grads = lambda dout: torch.autograd.grad(y, inputs, dout)
dout = torch.tensor(dout, dtype=torch.float32)
backnorm_check(grads, dout, x=inputs[0], gamma=inputs[1], beta=inputs[2], eps=eps)
""",
}


def cells():
    """Each program right and wrong: its style, what is to be found, and its text."""
    for style, program in PROGRAMS.items():
        for is_wrong in (False, True):
            text = program["text"]
            assert text.count(program["right"]) == 1, style
            yield {
                "style": style,
                "first": program["first"] if is_wrong else None,
                "id": program.get("id", program["first"]) if is_wrong else None,
                "says": program["says"] if is_wrong else "",
                "text": CASE + (text.replace(program["right"], program["wrong"]) if is_wrong else text),
            }


def answer(text):
    """What the last call of a cell returns as text, in names of its own as in a fresh notebook."""
    names = {"__name__": "__main__"}
    head, call = text.rsplit("backnorm_check(", 1)
    for place, code in enumerate((CHECK, head)):
        exec(compile(code, f"<cell {place}>", "exec"), names)
    return eval("backnorm_check(" + call.strip()[:-1] + ", page=None)", names)


def main():
    told = []
    for cell in cells():
        begun = time.perf_counter()
        cell["answer"] = answer(cell.pop("text"))
        told.append({**cell, "seconds": time.perf_counter() - begun})
    return told


if __name__ == "__main__":
    json.dump([*cells()] if "--cells" in sys.argv else main(), sys.stdout, indent=1)
