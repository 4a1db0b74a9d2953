#!/usr/bin/env python3
"""Peers of the gradient check, timed on request: a line "peer rows columns" in, its milliseconds out.

    torch       torch.autograd.gradcheck of F.batch_norm, by x, gamma and beta, as it comes
    torch-fast  the same with fast_mode=True: one random direction in place of the Jacobian
    numpy-loop  the course's way: a central difference for every element of x, dx only
"""

import sys
import time

import numpy as np

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None


def draw(rows, columns):
    np.random.seed(231)
    shapes = [(rows, columns), (columns,), (columns,), (rows, columns)]
    return [np.random.randn(*shape) for shape in shapes]


def forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def numpy_loop(x, gamma, beta, dy, h=1e-5):
    dx = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        kept = x[index]
        x[index] = kept + h
        above = forward(x, gamma, beta)
        x[index] = kept - h
        below = forward(x, gamma, beta)
        x[index] = kept
        dx[index] = np.sum((above - below) * dy) / (2 * h)
    return dx


def torch_check(fast):
    def run(x, gamma, beta, dy):
        inputs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (x, gamma, beta)]

        def norm(x, gamma, beta):
            return torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=1e-5)

        assert torch.autograd.gradcheck(norm, inputs, fast_mode=fast)

    return run


PEERS = {"numpy-loop": numpy_loop}
if torch:
    PEERS |= {"torch": torch_check(False), "torch-fast": torch_check(True)}

versions = [f"NumPy {np.__version__}"] + ([f"PyTorch {torch.__version__}"] if torch else [])
print("; ".join([", ".join(versions), " ".join(PEERS)]), flush=True)
for line in sys.stdin:
    name, rows, columns = line.split()
    inputs = draw(int(rows), int(columns))
    begun = time.perf_counter()
    PEERS[name](*inputs)
    print(1e3 * (time.perf_counter() - begun), flush=True)
