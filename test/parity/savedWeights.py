"""Reads what `kernelscope save` wrote with the formats' own libraries and compares every value.

    kernelscope save RUN --format keras --out net.weights.h5      (likewise net.npz, net.safetensors)
    python test/parity/savedWeights.py MODEL.py net.weights.h5 net.npz net.safetensors

MODEL.py must define a Keras model called `model` or `classifier` and load no data at import.
"""

import runpy
import sys

import numpy
from safetensors.numpy import load_file

source, weights, archive, tensors = sys.argv[1:]
names = runpy.run_path(source)
model = names.get("model") or names["classifier"]
model.load_weights(weights)
stored, safe = numpy.load(archive), load_file(tensors)
keras_weights = [w.numpy() for layer in model.layers for w in layer.weights if "seed" not in w.name]
assert len(keras_weights) == len(stored.files) == len(safe), (len(keras_weights), len(stored.files), len(safe))
for value, name in zip(keras_weights, stored.files):
    assert value.shape == stored[name].shape and (value == stored[name]).all(), name
    assert (value == safe[name]).all(), name
print(f"{len(keras_weights)} weights are the same in Keras, NumPy and SafeTensors")
