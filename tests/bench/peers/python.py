#!/usr/bin/env python3
"""NumPy's and PyTorch's batch norm on one thread, for kernels.ts: a line in, a line out.

    python.py torch                  prints its version
    prepare float32 8 256 14 14       prints the passes that there are
    time forward                      prints the microseconds of a call, over a batch of at least 20 ms
"""

import sys
import time


def microseconds(run):
    count = 1
    while True:
        begun = time.perf_counter()
        for _ in range(count):
            run()
        passed = time.perf_counter() - begun
        if passed >= 0.02:
            return passed / count * 1e6
        count = max(2 * count, int(count * 0.025 / max(passed, 1e-6)) + 1)


def torch_passes(dtype, shape):
    """PyTorch's own kernels, without what autograd adds to them."""
    import torch

    torch.set_num_threads(1)
    dtype = getattr(torch, dtype)
    x, dy = torch.randn(shape, dtype=dtype), torch.randn(shape, dtype=dtype)
    gamma, beta = torch.ones(shape[1], dtype=dtype), torch.zeros(shape[1], dtype=dtype)
    mean, var = beta.clone(), gamma.clone()
    forward = lambda: torch.native_batch_norm(x, gamma, beta, mean, var, True, 0.1, 1e-5)
    _, saved_mean, saved_invstd = forward()
    backward = lambda: torch.ops.aten.native_batch_norm_backward(
        dy, x, gamma, mean, var, saved_mean, saved_invstd, True, 1e-5, [True, True, True]
    )
    return {"forward": forward, "backward": backward}


def numpy_passes(dtype, shape):
    """The lines that a course has one write: forward in four, backward in six stages."""
    import numpy as np

    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape).astype(dtype)
    per_channel = tuple(-1 if axis == 1 else 1 for axis in range(len(shape)))
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    gamma, beta = np.ones(shape[1], dtype).reshape(per_channel), np.zeros(shape[1], dtype).reshape(per_channel)
    m = x.size // shape[1]

    def forward():
        mean = x.mean(axes, keepdims=True)
        xc = x - mean
        invstd = 1 / np.sqrt((xc * xc).mean(axes, keepdims=True) + 1e-5)
        xhat = xc * invstd
        return xhat * gamma + beta, (xc, invstd, xhat)

    _, (xc, invstd, xhat) = forward()

    def backward():
        dbeta = dy.sum(axes, keepdims=True)
        dgamma = (dy * xhat).sum(axes, keepdims=True)
        dxhat = dy * gamma
        dvar = (dxhat * xc).sum(axes, keepdims=True) * -0.5 * invstd**3
        dmean = -(dxhat * invstd).sum(axes, keepdims=True)
        return dxhat * invstd + dvar * 2 * xc / m + dmean / m, dgamma, dbeta

    return {"forward": forward, "backward": backward}


name = sys.argv[1]
make = {"torch": torch_passes, "numpy": numpy_passes}[name]
print(__import__(name).__version__, flush=True)
for line in sys.stdin:
    verb, *words = line.split()
    if verb == "prepare":
        passes = make(words[0], [int(word) for word in words[1:]])
        print(*passes, flush=True)
    else:
        print(microseconds(passes[words[0]]), flush=True)
