"""Trains the networks that training.mjs describes in Keras 3 and PyTorch, and writes their weights afterwards.

usage: python trainingReference.py keras|torch ASKED.json ANSWERED.json      (TensorFlow and PyTorch do not get along in one process)
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np


def arrays(job):
    return [np.array(w["values"], "float32").reshape(w["shape"]) for w in job["weights"]]


def with_keras(job, _steps_per_epoch):
    import keras

    names = {}
    exec("import keras\nfrom keras.optimizers import *\nfrom keras.optimizers.schedules import *\nfrom keras.losses import *", names)
    units = job.get("units", 3)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(units, activation=job.get("activation", "softmax"))]
    )
    optimizer = eval(job.get("optimizer", "'sgd'"), names)
    model.compile(optimizer=optimizer, loss=eval(job["loss"], names))
    model.set_weights(arrays(job))
    for batch in job["batches"]:
        x = np.array(batch["x"], "float32").reshape(-1, 4, 4, 1)
        targets = np.array(batch["targets"], "float32").reshape(len(x), units)
        if "sparse" in job["loss"].lower():
            targets = targets.argmax(-1)
        elif "smoothing" in job["loss"] or "hinge" in job["loss"].lower() or units > 1:
            # Keras smooths labels, and turns them into -1 and 1, itself.
            targets = np.eye(units, dtype="float32")[np.array(batch["labels"])] if units > 1 else np.array(batch["labels"], "float32")[:, None]
        model.train_on_batch(x, targets)
    return [w.reshape(-1).tolist() for w in model.get_weights()]


def with_torch(job, steps_per_epoch):
    import torch

    names = {}
    exec("import torch\nfrom torch import nn, optim\nfrom torch.nn import *\nfrom torch.optim import *\nfrom torch.optim.lr_scheduler import *", names)
    units = job.get("units", 3)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 5), torch.nn.Tanh(), torch.nn.Linear(5, units))
    if job["loss"].startswith("BCELoss"):
        model.append(torch.nn.Sigmoid())
    if job["loss"].startswith("NLL"):
        model.append(torch.nn.LogSoftmax(dim=1))
    with torch.no_grad():
        for p, w in zip(model.parameters(), arrays(job)):
            p.copy_(torch.tensor(w.T.copy() if w.ndim == 2 else w))
    names["model"] = model
    names["optimizer"] = optimizer = eval(job.get("optimizer", "SGD(model.parameters(), lr=0.05)"), names)
    scheduler = eval(job["schedule"], names) if job.get("schedule") else None
    criterion = eval(job["loss"], names)
    for i, batch in enumerate(job["batches"]):
        x = torch.tensor(batch["x"]).reshape(-1, 1, 4, 4)
        if job["loss"].startswith(("CrossEntropy", "NLL")):
            y = torch.tensor(batch["labels"])
        else:
            y = torch.tensor(batch["targets"], dtype=torch.float32).reshape(len(x), units)
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
        if scheduler and (job.get("per") == "step" or (i + 1) % steps_per_epoch == 0):
            scheduler.step()
    return [(p.detach().T if p.dim() == 2 else p.detach()).reshape(-1).tolist() for p in model.parameters()]


def main(kind, asked, answered):
    given = json.load(open(asked))
    results = {"version": __import__(kind).__version__}
    for job in given["jobs"]:
        if job["kind"] != kind:
            continue
        try:
            results[job["name"]] = {"keras": with_keras, "torch": with_torch}[job["kind"]](job, given["stepsPerEpoch"])
        except Exception as error:
            results[job["name"]] = f"{type(error).__name__}: {error}"
    json.dump(results, open(answered, "w"))


if __name__ == "__main__":
    main(*sys.argv[1:])
