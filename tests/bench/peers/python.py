#!/usr/bin/env python3
"""NumPy's and PyTorch's norms on one thread, for kernels.ts: a line in, a line out.

    python.py torch                          prints its version
    prepare group 32 float32 8 256 14 14     prints the passes that there are; the number is that of the groups, or 0
    time forward                             prints the microseconds of a call, over a batch of at least 20 ms

An answer that begins with "error:" is a failure.
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


def torch_passes(norm, groups, dtype, shape):
    """PyTorch's own kernels, without what autograd adds to them. RMS norm has none and is the formula in tensors."""
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    aten, all_three, eps = torch.ops.aten, [True, True, True], 1e-5
    dtype = getattr(torch, dtype)
    x, dy = torch.randn(shape, dtype=dtype), torch.randn(shape, dtype=dtype)
    length = shape[-1 if norm in ("layer", "rms") else 1]
    gamma, beta = torch.rand(length, dtype=dtype) + 0.5, torch.randn(length, dtype=dtype)

    if norm == "layer":
        forward = lambda: torch.native_layer_norm(x, [length], gamma, beta, eps)
        _, mean, invstd = forward()
        backward = lambda: aten.native_layer_norm_backward(dy, x, [length], mean, invstd, gamma, beta, all_three)
    elif norm == "group":
        sizes = shape[0], shape[1], x[0, 0].numel(), groups
        forward = lambda: torch.native_group_norm(x, gamma, beta, *sizes, eps)
        _, mean, invstd = forward()
        backward = lambda: aten.native_group_norm_backward(dy, x, mean, invstd, gamma, *sizes, all_three)
    elif norm == "rms":

        def forward():
            invrms = torch.rsqrt((x * x).mean(-1, keepdim=True) + eps)
            xhat = x * invrms
            return xhat * gamma, invrms, xhat

        _, invrms, xhat = forward()

        def backward():
            dxhat = dy * gamma
            return invrms * (dxhat - xhat * (dxhat * xhat).mean(-1, keepdim=True)), (dy * xhat).sum(0)

    elif norm == "instance":  # as torch.instance_norm does it: batch norm of one sample
        n, c = shape[:2]
        image = x.view(1, n * c, *shape[2:])
        dimage = dy.view(image.shape)
        train = None, None, True
        forward = lambda: torch.native_batch_norm(image, gamma.repeat(n), beta.repeat(n), *train, 0.1, eps)
        _, mean, invstd = forward()

        def backward():
            dx, dgamma, dbeta = aten.native_batch_norm_backward(
                dimage, image, gamma.repeat(n), None, None, mean, invstd, True, eps, all_three
            )
            return dx, dgamma.view(n, c).sum(0), dbeta.view(n, c).sum(0)

    else:
        mean, var = torch.zeros_like(beta), torch.ones_like(gamma)
        forward = lambda: torch.native_batch_norm(x, gamma, beta, mean, var, True, 0.1, eps)
        _, saved_mean, saved_invstd = forward()
        backward = lambda: aten.native_batch_norm_backward(
            dy, x, gamma, mean, var, saved_mean, saved_invstd, True, eps, all_three
        )
    return {"forward": forward, "backward": backward}


def numpy_passes(norm, groups, dtype, shape):
    """The lines that a course has one write: forward in four, backward in six stages."""
    import numpy as np

    if norm in ("layer", "rms"):
        view, axes, parameters = shape, (-1,), (1,) * (len(shape) - 1) + (shape[-1],)
    elif norm == "batch":
        parameters = tuple(extent if axis == 1 else 1 for axis, extent in enumerate(shape))
        view, axes = shape, tuple(axis for axis in range(len(shape)) if axis != 1)
    else:
        groups = groups or shape[1]
        view, axes = [shape[0], groups, shape[1] // groups, -1], (2, 3)
        parameters = 1, groups, shape[1] // groups, 1
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape).astype(dtype).reshape(view)
    dy = rng.standard_normal(x.shape).astype(dtype)
    gamma, beta = np.ones(parameters, dtype), np.zeros(parameters, dtype)
    over = tuple(axis for axis, extent in enumerate(parameters) if extent == 1)
    m = int(np.prod([x.shape[axis] for axis in axes]))

    def forward():
        xc = x if norm == "rms" else x - x.mean(axes, keepdims=True)
        invstd = 1 / np.sqrt((xc * xc).mean(axes, keepdims=True) + 1e-5)
        xhat = xc * invstd
        return (xhat * gamma if norm == "rms" else xhat * gamma + beta), (xc, invstd, xhat)

    _, (xc, invstd, xhat) = forward()

    def backward():
        dgamma = (dy * xhat).sum(over, keepdims=True)
        dxhat = dy * gamma
        dvar = (dxhat * xc).sum(axes, keepdims=True) * -0.5 * invstd**3
        dx = dxhat * invstd + dvar * 2 * xc / m
        if norm == "rms":
            return dx, dgamma
        dbeta = dy.sum(over, keepdims=True)
        dmean = -(dxhat * invstd).sum(axes, keepdims=True)
        return dx + dmean / m, dgamma, dbeta

    return {"forward": forward, "backward": backward}


def answer(verb, *words):
    global passes
    if verb == "time":
        return microseconds(passes[words[0]])
    norm, groups, dtype, *shape = words
    passes = make(norm, int(groups), dtype, [int(extent) for extent in shape])
    return " ".join(passes)


name = sys.argv[1]
make = {"torch": torch_passes, "numpy": numpy_passes}[name]
passes = {}
print(__import__(name).__version__, flush=True)
for line in sys.stdin:
    try:
        print(answer(*line.split()), flush=True)
    except Exception as error:
        print("error:", str(error).replace("\n", " "), flush=True)
