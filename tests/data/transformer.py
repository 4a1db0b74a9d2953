#!/usr/bin/env python3
"""A small transformer, trained by PyTorch's autograd, for tests/web/transformer.test.ts.

    /usr/bin/python3 tests/data/transformer.py            write transformer-torch.txt beside this script
    /usr/bin/python3 tests/data/transformer.py --check    exit 1 if it differs from what would be written

The model, its text and its names are those of web/examples/transformer/transformer.js. The file has a line for each norm:
its name, and the cross-entropy of each step before the update, in the shortest text that reads back equal. All
arithmetic is float64, and --check asks for the losses within 1e-13, for the reasons in digits.py.
"""

import sys

sys.dont_write_bytecode = True  # no __pycache__ beside the data

import digits  # first: it makes PyTorch add in one order everywhere
import numpy as np
import torch
from torch.nn import functional as F

TEXT = "a norm keeps every layer at one scale, and so the gradients flow."
SEED = 1
CHANNELS, HEADS = 16, 2
STEPS, RATE = 50, 0.25
EPS = 1e-5


def weights(positions, vocabulary):
    """By NumPy's legacy generator, in the order of the example; input by output, as there."""
    c = CHANNELS
    shapes = {"wte": (vocabulary, c), "wpe": (positions, c), "wqkv": (c, 3 * c), "wproj": (c, c)}
    shapes |= {"wup": (c, 4 * c), "wdown": (4 * c, c), "wout": (c, vocabulary)}
    np.random.seed(SEED)
    drawn = {name: np.random.randn(*shape) for name, shape in shapes.items()}
    return {
        name: torch.tensor(w if name in ("wte", "wpe") else w / np.sqrt(len(w))).requires_grad_()
        for name, w in drawn.items()
    }


class Norm:
    """PyTorch 1.13 has no RMS norm, so that one is its definition."""

    def __init__(self, kind):
        self.kind = kind
        self.gamma = torch.ones(CHANNELS, dtype=torch.float64, requires_grad=True)
        self.beta = torch.zeros(CHANNELS, dtype=torch.float64, requires_grad=True)
        self.parameters = [self.gamma, self.beta] if kind == "layer" else [self.gamma]

    def __call__(self, x):
        if self.kind == "layer":
            return F.layer_norm(x, (CHANNELS,), self.gamma, self.beta, EPS)
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + EPS) * self.gamma


def attend(qkv):
    """[T, 3C] to [T, C]."""
    positions = len(qkv)
    q, k, v = (part.view(positions, HEADS, -1).transpose(0, 1) for part in qkv.split(CHANNELS, dim=1))
    scores = q @ k.transpose(1, 2) / np.sqrt(CHANNELS / HEADS)
    later = torch.ones(positions, positions, dtype=torch.bool).triu(1)
    attention = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
    return (attention @ v).transpose(0, 1).reshape(positions, CHANNELS)


def train(kind):
    """The loss of every step."""
    vocabulary = sorted(set(TEXT))
    tokens = torch.tensor([vocabulary.index(character) for character in TEXT])
    inputs, targets = tokens[:-1], tokens[1:]
    w = weights(len(inputs), len(vocabulary))
    norm1, norm2, norm3 = norms = [Norm(kind) for _ in range(3)]
    descent = torch.optim.SGD([*w.values(), *(p for norm in norms for p in norm.parameters)], lr=RATE)
    losses = []
    for _ in range(STEPS):
        x0 = w["wte"][inputs] + w["wpe"]
        x1 = x0 + attend(norm1(x0) @ w["wqkv"]) @ w["wproj"]
        x2 = x1 + F.gelu(norm2(x1) @ w["wup"], approximate="tanh") @ w["wdown"]
        loss = F.cross_entropy(norm3(x2) @ w["wout"], targets)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    return losses


def documents():
    lines = (" ".join([kind, *map(repr, train(kind))]) for kind in ("layer", "rms"))
    about = "A small transformer with layer norm and with RMS norm, trained by PyTorch in float64."
    return {"transformer-torch.txt": digits.document(about, lines, "transformer.py")}


if __name__ == "__main__":
    sys.exit(digits.main(sys.argv[1:], documents, "transformer.py"))
