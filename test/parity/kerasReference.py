"""Builds the models of a fixture in Keras 3 and writes layers, weights, inputs, outputs and one training step as JSON.

usage: python kerasReference.py FIXTURE.py OUT.json
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf


# Weights of larger models are not written out: a deep network with random weights magnifies rounding.
LARGE = 200_000


def flat(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "values": [float(v) for v in array.reshape(-1)]}


def shape(tensor):
    return list(tensor.shape)


def leaves(layer, prefix=""):
    """Layers of nested models too, each with its path."""
    for inner in layer.layers:
        if isinstance(inner, keras.Model):
            yield from leaves(inner, f"{prefix}{inner.name}/")
        else:
            yield prefix + inner.name, inner



def values_of(model):
    return {path: [{"name": w.name, **flat(w)} for w in layer.weights] for path, layer in leaves(model)}


def randomise(model, random):
    for _, layer in leaves(model):
        for w in layer.weights:
            if w.dtype == "float32":
                # Away from 0 and 1, so that mistakes show; variances stay positive.
                v = random.uniform(0.5, 1.5, w.shape) if "variance" in w.name or "gamma" in w.name else random.normal(0, 0.3, w.shape)
                w.assign(v.astype("float32"))
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def layers_of(model):
    return [
        {
            "path": path,
            "class": type(layer).__name__,
            "shape": shape(layer.output) if layer._inbound_nodes and isinstance(layer.output, keras.KerasTensor) else None,
            "params": layer.count_params(),
        }
        for path, layer in leaves(model)
        if not isinstance(layer, keras.layers.InputLayer)
    ]


def trained(model, random):
    """Weights, inputs and outputs of a model, and its weights after one step of gradient descent on the mean square of the outputs."""
    shapes = [i.shape for i in model.inputs] if getattr(model, "inputs", None) else [(None, 11, 11, 2)]
    inputs = [random.normal(0, 1, (2, *s[1:])).astype("float32") for s in shapes]
    x = [tf.constant(i) for i in inputs]
    x = x[0] if len(x) == 1 else x
    model(x)  # A subclassed model is built by its first call.
    randomise(model, random)
    result = {"count": model.count_params(), "layers": layers_of(model), "weights": values_of(model), "inputs": [flat(i) for i in inputs]}
    result["output"] = flat(model(x, training=False))
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True)))
    variables = [w.value for w in model.trainable_weights]
    for w, g in zip(model.trainable_weights, tape.gradient(loss, variables)):
        if g is not None:
            w.assign(w.value - 0.1 * g)
    result["loss"] = float(loss)
    result["after"] = values_of(model)
    return result


def main(fixture, out):
    names = {"__name__": "fixture"}
    exec(compile(open(fixture, encoding="utf8").read(), fixture, "exec"), names)
    random = np.random.default_rng(0)
    results = {}
    for name, model in names.items():
        if not isinstance(model, keras.Model):
            continue
        if names.get("base") is model or name == "model":
            continue
        if model.built and model.count_params() > LARGE:
            results[name] = {"count": model.count_params(), "layers": layers_of(model)}
            continue
        try:
            results[name] = trained(model, random)
        except tf.errors.InvalidArgumentError as error:
            # TensorFlow has no kernel for it on a CPU: shapes and counts are compared all the same.
            print(f"{name}: {str(error).splitlines()[0]}", file=sys.stderr)
            results[name] = {"count": model.count_params(), "layers": layers_of(model)}
    json.dump({"keras": keras.__version__, "models": results}, open(out, "w"))


if __name__ == "__main__":
    main(*sys.argv[1:])
