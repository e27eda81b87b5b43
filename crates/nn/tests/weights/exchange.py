"""Reads weights that the library wrote, and writes some for it to read: exchange.py OURS THEIRS."""

import sys

import numpy as np
from safetensors.numpy import load_file, save_file

SHAPES = {"0.weight": (3, 5), "0.bias": (3,), "2.weight": (2, 3), "2.bias": (2,)}


def numbers(shape, step):
    return (np.arange(np.prod(shape)) * step - 1.0).reshape(shape)


ours = load_file(sys.argv[1])
assert {name: entry.shape for name, entry in ours.items()} == SHAPES, ours
for name, entry in ours.items():
    assert entry.dtype == np.float32, entry.dtype
    assert (entry == numbers(SHAPES[name], 0.125)).all(), (name, entry)

TYPES = {"0.weight": np.float16, "0.bias": np.int64, "2.weight": np.float64, "2.bias": np.float32}
save_file({name: numbers(shape, 3.0).astype(TYPES[name]) for name, shape in SHAPES.items()}, sys.argv[2])
