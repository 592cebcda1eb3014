"""Times PyTorch training steps. Reads one JSON job per line: {layers, input, batch, loss, optimizer, seconds, source}; answers one
JSON line per job: {name, ms}. Both memory layouts are tried; the faster one counts. Threads: OMP_NUM_THREADS."""
import json
import os
import statistics
import sys
import time

import torch
from torch import nn

clock = time.process_time if os.environ.get("KERNELSCOPE_CLOCK") == "processor" else time.perf_counter
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))


def activation(name):
    return {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu6": nn.ReLU6, "elu": nn.ELU}[name]()


class Same(nn.Module):
    """Keras's `same` padding, for any stride."""

    def __init__(self, kernel, stride, dilation):
        super().__init__()
        self.how = list(zip(kernel, stride, dilation))

    def forward(self, x):
        pads = []
        for size, (k, s, d) in reversed(list(zip(x.shape[2:], self.how))):
            total = max(0, (-(-size // s) - 1) * s + (k - 1) * d + 1 - size)
            pads += [total // 2, total - total // 2]
        return nn.functional.pad(x, pads) if any(pads) else x


class Recurrent(nn.Module):
    def __init__(self, cell, whole):
        super().__init__()
        self.cell, self.whole = cell, whole

    def forward(self, x):
        y, _ = self.cell(x)
        return y if self.whole else y[:, -1]


class Reshape(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(x.shape[0], *self.shape)


def build(layers, shape):
    """shape: of one example, channels last as in Keras."""
    modules = []
    for layer in layers:
        kind, c = layer["className"], layer["config"]
        out = layer["outputShape"][1:]
        act = c.get("activation")
        if kind in ("Conv2D", "DepthwiseConv2D", "Conv2DTranspose"):
            k, s, d = c["kernel_size"], c["strides"], c.get("dilation_rate") or [1, 1]
            cin = shape[-1]
            depthwise = kind == "DepthwiseConv2D"
            cout = cin * c.get("depth_multiplier", 1) if depthwise else c["filters"]
            if kind == "Conv2DTranspose":
                extra = [o - (i - 1) * st - kk for o, i, st, kk in zip(out[:2], shape[:2], s, k)]
                pad = [max(0, -(e // 2)) for e in extra]
                more = [e + 2 * p for e, p in zip(extra, pad)]
                modules.append(nn.ConvTranspose2d(cin, cout, k, s, pad, more, bias=c.get("use_bias", True)))
            else:
                padding = 0
                if c["padding"] == "same":
                    if s == [1, 1] and all(kk % 2 for kk in k):
                        padding = [dd * (kk - 1) // 2 for kk, dd in zip(k, d)]
                    else:
                        modules.append(Same(k, s, d))
                groups = cin if depthwise else 1
                modules.append(nn.Conv2d(cin, cout, k, s, padding, d, groups, c.get("use_bias", True)))
        elif kind == "Dense":
            modules.append(nn.Linear(shape[-1], c["units"], c.get("use_bias", True)))
        elif kind == "MaxPooling2D":
            modules.append(nn.MaxPool2d(c["pool_size"], c["strides"]))
        elif kind == "AveragePooling2D":
            modules.append(nn.AvgPool2d(c["pool_size"], c["strides"]))
        elif kind == "GlobalAveragePooling2D":
            modules += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        elif kind == "BatchNormalization":
            modules.append((nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[-1], c.get("epsilon", 1e-3), 0.01))
        elif kind == "Flatten":
            modules.append(nn.Flatten())
        elif kind == "Reshape":
            if len(out) == 3:
                modules.append(Reshape([out[2], out[0], out[1]]))
            else:
                modules.append(Reshape(out))
        elif kind == "Dropout":
            modules.append(nn.Dropout(c["rate"]))
        elif kind in ("LSTM", "GRU"):
            cell = (nn.LSTM if kind == "LSTM" else nn.GRU)(shape[-1], c["units"], batch_first=True)
            modules.append(Recurrent(cell, c.get("return_sequences", False)))
            act = None
        elif kind == "UpSampling2D":
            modules.append(nn.Upsample(scale_factor=c["size"][0]))
        elif kind == "ReLU":
            modules.append(nn.ReLU())
        elif kind not in ("InputLayer", "Activation"):
            raise ValueError(f"no PyTorch module for {kind}")
        # The loss applies the last activation.
        if act and act != "linear" and layer is not layers[-1] and act != "softmax":
            modules.append(activation(act))
        shape = out
    return nn.Sequential(*modules)


def measure(job, channels_last):
    torch.manual_seed(1)
    shape = job["input"]
    model = build(job["layers"], shape)
    n = job["batch"]
    x = torch.rand(n, shape[2], shape[0], shape[1]) if len(shape) == 3 else torch.rand(n, *shape)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    model.train()
    with torch.no_grad():
        out = model(x)
    if job["loss"] == "mean_squared_error":
        loss_of, y = nn.MSELoss(), torch.rand_like(out)
    elif out.shape[-1] == 1:
        loss_of, y = nn.BCEWithLogitsLoss(), torch.randint(0, 2, (n, 1)).float()
    else:
        loss_of, y = nn.CrossEntropyLoss(), torch.randint(0, out.shape[-1], (n,))
    make = {
        "Adam": lambda p: torch.optim.Adam(p, eps=1e-7),
        "SGD": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9),
        "RMSprop": lambda p: torch.optim.RMSprop(p, 0.001, alpha=0.9),
    }
    optimizer = make[job["optimizer"]](model.parameters())
    times = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < job["seconds"] / 2 or len(times) < 4:
        t = clock()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(clock() - t)
    return 1000 * statistics.median(times[len(times) // 4 :])


print(json.dumps({"ready": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    try:
        ms = min(measure(job, False), measure(job, True)) if len(job["input"]) == 3 else measure(job, False)
        print(json.dumps({"ms": ms}), flush=True)
    except Exception as e:  # a model that this peer cannot express
        print(json.dumps({"error": str(e)}), flush=True)
