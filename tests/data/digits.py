#!/usr/bin/env python3
"""A two-layer network with a norm, trained by PyTorch on handwritten digits, for tests/web/digits.test.ts.

    /usr/bin/python3 tests/data/digits.py            write the four files beside this script
    /usr/bin/python3 tests/data/digits.py --check    exit 1 if a file differs from what would be written

Made with Debian 12's python3-numpy, python3-torch and python3-sklearn, so that anyone can repeat it.

digits.txt: an image a line, 64 pixels row by row, a space, the label. A pixel is one character for 0 to 16, which is
the number in base 17: 0–9, then a–g. The first 600 are to train on, the other 200 to test on.

digits-torch.txt: a name and its numbers a line, each the shortest text that reads back equal. `losses` is the mean
cross-entropy of each batch before the step that it makes; `eval_loss` that of the test images in eval mode after the
last step; `train_right` and `test_right` count images that eval mode gets right.

digits-group-torch.txt: the same of the network with group norm in place of batch norm, drawn from the same seed.

digits-hidden.txt: a case in the format of reference.py, for the preset of that name: what the batch norm of the first
eight units sees of the first 20 test images as one batch, after the first epoch, and the gradient of their mean
cross-entropy. Rounded to 4 decimals, dy to 6.

All arithmetic is float64, so that only the order of additions is left to differ, and a test can ask for twelve digits.
BLAS chooses that order by the machine, and the C library the last digit of exp and log: --check asks for the
numbers of the two files of PyTorch within 1e-13, and for everything else to the byte.
"""

import os
import re
import sys
from pathlib import Path

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # one plain loop and one thread, as in reference.py
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import sklearn
import torch
from sklearn.datasets import load_digits

torch.set_num_threads(1)

HERE = Path(__file__).resolve().parent
SEED = 1998  # the year in which the digits were donated
PIXELS, HIDDEN, CLASSES = 64, 32, 10
TRAIN, TEST, BATCH, EPOCHS = 600, 200, 100, 10
RATE = 0.5
GROUPS = 4  # of group norm
SHOWN_IMAGES, SHOWN_UNITS = 20, 8
# How near to a kink of ReLU, or to a tie of two classes, no value may come: above it rounding decides nothing.
CLEAR = 1e-8


def images():
    digits = load_digits()
    pixels = digits.data[: TRAIN + TEST].astype(int)
    assert (pixels == digits.data[: TRAIN + TEST]).all() and pixels.min() == 0 and pixels.max() == 16
    return pixels, digits.target[: TRAIN + TEST]


def network(norm):
    """64 → linear → 32 → norm → ReLU → linear → 10; weights from NumPy's legacy generator, input by output."""
    np.random.seed(SEED)
    first = np.random.randn(PIXELS, HIDDEN) / np.sqrt(PIXELS)
    second = np.random.randn(HIDDEN, CLASSES) / np.sqrt(HIDDEN)
    layers = torch.nn.Sequential(
        torch.nn.Linear(PIXELS, HIDDEN, bias=False),
        norm(),  # eps 1e-5, gamma 1, beta 0
        torch.nn.ReLU(),
        torch.nn.Linear(HIDDEN, CLASSES),
    ).double()
    with torch.no_grad():
        layers[0].weight.copy_(torch.tensor(first.T))
        layers[3].weight.copy_(torch.tensor(second.T))
        layers[3].bias.zero_()
    return layers


def batch_norm():
    return torch.nn.BatchNorm1d(HIDDEN)  # momentum 0.1 of the new batch


def group_norm():
    return torch.nn.GroupNorm(GROUPS, HIDDEN)


def train(layers, x, labels, epochs):
    """The loss of every step: batches in the order of the file, one epoch after another."""
    losses = []
    layers[1].register_forward_hook(lambda _module, _inputs, y: assert_clear("ReLU", y))
    descent = torch.optim.SGD(layers.parameters(), lr=RATE)
    for _ in range(epochs):
        for start in range(0, TRAIN, BATCH):
            batch = slice(start, start + BATCH)
            loss = torch.nn.functional.cross_entropy(layers(x[batch]), labels[batch])
            descent.zero_grad()
            loss.backward()
            descent.step()
            losses.append(loss.item())
    return losses


def assert_clear(what, distances):
    assert distances.abs().min() > CLEAR, f"{what}: a value so near that rounding may decide; take another seed"


def results(norm):
    pixels, labels = images()
    x, labels = torch.tensor(pixels / 16), torch.tensor(labels)
    layers = network(norm)
    losses = train(layers, x[:TRAIN], labels[:TRAIN], EPOCHS)

    layers.eval()
    with torch.no_grad():
        scores = layers(x)
    best = scores.topk(2, dim=1).values
    assert_clear("class", best[:, 0] - best[:, 1])
    right = scores.argmax(dim=1) == labels
    return {
        "losses": losses,
        "eval_loss": [torch.nn.functional.cross_entropy(scores[TRAIN:], labels[TRAIN:]).item()],
        "train_right": [int(right[:TRAIN].sum())],
        "test_right": [int(right[TRAIN:].sum())],
    }


def hidden():
    """The case of the preset, rounded. Units do not see each other, so that some of them are a case of their own."""
    pixels, labels = images()
    x, labels = torch.tensor(pixels / 16), torch.tensor(labels)
    layers = network(batch_norm)
    train(layers, x[:TRAIN], labels[:TRAIN], 1)

    batch = slice(TRAIN, TRAIN + SHOWN_IMAGES)
    before = layers[0](x[batch])
    after = layers[1](before)
    after.retain_grad()
    scores = layers[3](layers[2](after))
    torch.nn.functional.cross_entropy(scores, labels[batch]).backward()
    units = slice(0, SHOWN_UNITS)
    case = {"x": before[:, units], "gamma": layers[1].weight[units], "beta": layers[1].bias[units]}
    case["dy"] = after.grad[:, units]
    return {name: np.round(np.atleast_2d(v.detach().numpy()), 6 if name == "dy" else 4) for name, v in case.items()}


# ---- Text ------------------------------------------------------------------------------------------------


def document(about, lines, script="digits.py"):
    versions = f"NumPy {np.__version__}, PyTorch {torch.__version__}, scikit-learn {sklearn.__version__}"
    written = f"Written by tests/data/{script}, where the format stands; do not edit."
    return "\n".join([f"# {about}", f"# {written}", f"# {versions}", "", *lines]) + "\n"


def documents():
    source = (
        "The first 800 of scikit-learn's digits: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
        "UCI, 1998, doi:10.24432/C50P49, CC BY 4.0."
    )
    rows = ("".join("0123456789abcdefg"[v] for v in image) + f" {label}" for image, label in zip(*images()))
    batch, group = (
        [" ".join([name, *map(repr, values)]) for name, values in results(norm).items()]
        for norm in (batch_norm, group_norm)
    )
    shown = [f"case digits\ndtype float64\nshape {SHOWN_IMAGES} {SHOWN_UNITS}\neps 1e-05\nddof 0"]
    for name, values in hidden().items():
        shown.append(f"array {name} {len(values)} {SHOWN_UNITS}")
        shown += [" ".join(repr(v + 0.0) for v in row) for row in values.tolist()]  # + 0.0: no negative zero
    return {
        "digits.txt": document(source, rows),
        "digits-hidden.txt": document(f"Hidden units of that network, before batch norm. {source}", [*shown, "end"]),
        "digits-torch.txt": document("A two-layer network with batch norm, trained by PyTorch in float64.", batch),
        "digits-group-torch.txt": document("That network with group norm, trained by PyTorch in float64.", group),
    }


def same(here, there):
    """The same words and spaces, but fractions only within 1e-13 of each other."""
    here, there = re.split(r"(\s)", here), re.split(r"(\s)", there)
    return len(here) == len(there) and all(a == b or close(a, b) for a, b in zip(here, there))


def close(*words):
    if not all(re.fullmatch(r"\d+\.\d+", word) for word in words):
        return False
    a, b = map(float, words)
    return abs(a - b) <= 1e-13 * b


def main(arguments, documents=documents, script="digits.py"):
    if arguments not in ([], ["--check"]):
        print(f"usage: {script} [--check]", file=sys.stderr)
        return 2

    wrong = 0
    for name, text in documents().items():
        path = HERE / name
        if not arguments:
            path.write_bytes(text.encode())
        elif not path.exists() or not same(path.read_bytes().decode(), text):
            print(f"{name} is not what {script} writes: run it, or find what changed", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
