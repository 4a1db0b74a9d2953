#!/usr/bin/env python3
"""PyTorch's batch norm on one thread, for kernels.ts: a line of JSON in, a line of JSON out.

{"shape": [N, C, ...], "dtype": "float32"} prepares a tensor and answers the version;
{} answers the microseconds of a forward and of a backward pass, each from a batch of at least 20 ms.
"""

import json
import sys
import time

import torch

torch.set_num_threads(1)


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


for line in sys.stdin:
    question = json.loads(line)
    if "shape" in question:
        dtype = getattr(torch, question["dtype"])
        shape = question["shape"]
        x, dy = torch.randn(shape, dtype=dtype), torch.randn(shape, dtype=dtype)
        gamma, beta = torch.ones(shape[1], dtype=dtype), torch.zeros(shape[1], dtype=dtype)
        mean, var = beta.clone(), gamma.clone()
        # PyTorch's own kernels, without what autograd adds to them
        forward = lambda: torch.native_batch_norm(x, gamma, beta, mean, var, True, 0.1, 1e-5)
        _, saved_mean, saved_invstd = forward()
        backward = lambda: torch.ops.aten.native_batch_norm_backward(
            dy, x, gamma, mean, var, saved_mean, saved_invstd, True, 1e-5, [True, True, True]
        )
        print(json.dumps(torch.__version__), flush=True)
    else:
        print(json.dumps([microseconds(forward), microseconds(backward)]), flush=True)
