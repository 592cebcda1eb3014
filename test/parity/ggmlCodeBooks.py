"""Prints the code books of ggml's IQ types in the form of src/weights/gguf/codeBooks.ts, from the Python package gguf.

    pip install gguf
    python test/parity/ggmlCodeBooks.py
"""
import base64

import numpy as np
from gguf import quants

for name in ('IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS', 'IQ3_S', 'IQ1_S'):
    kind = getattr(quants, name)
    kind.init_grid()
    points, levels = kind.grid.reshape(kind.grid_shape), list(kind.grid_map)
    digits = np.array([[levels.index(v) for v in point] for point in points.tolist()])
    numbers = (digits * len(levels) ** np.arange(digits.shape[1])).sum(1)
    assert (np.diff(numbers) > 0).all()
    bits = np.zeros(len(levels) ** digits.shape[1], np.uint8)
    bits[numbers] = 1
    print(name, levels, digits.shape)
    print(base64.b64encode(np.packbits(bits, bitorder='little').tobytes()).decode())
