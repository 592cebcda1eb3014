"""Runs the networks of a fixture in PyTorch and writes weights, inputs, outputs and one training step as JSON.

usage: python pytorchReference.py FIXTURE.py OUT.json
"""
import ast
import json
import sys

import torch


def flat(tensor):
    return {"shape": list(tensor.shape), "values": [float(v) for v in tensor.detach().reshape(-1)]}


def main(fixture, out):
    text = open(fixture, encoding="utf8").read()
    names = {}
    torch.manual_seed(0)
    exec(compile(text, fixture, "exec"), names)
    results = {}
    for statement in ast.parse(text).body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Call)):
            continue
        name = call.func.func.id
        model = names[name]()
        x = eval(compile(ast.Expression(call.args[0]), fixture, "eval"), names)
        for key, value in model.state_dict().items():
            # Running statistics and scales away from 0 and 1, so that mistakes show.
            if key.endswith("running_var") or (value.dim() == 1 and key.endswith("weight")):
                value.copy_(torch.rand_like(value) + 0.5)
            elif key.endswith("running_mean") or (value.dim() == 1 and key.endswith("bias")):
                value.copy_(torch.randn_like(value) * 0.3)
        before = {key: flat(value.clone()) for key, value in model.state_dict().items()}
        model.eval()
        output = model(x)
        model.train()
        # One step of gradient descent on the mean square of the outputs.
        loss = (model(x) ** 2).mean()
        loss.backward()
        torch.optim.SGD(model.parameters(), lr=0.1).step()
        results[name] = {
            "count": sum(p.numel() for p in model.parameters()),
            "weights": before,
            "input": flat(x),
            "output": flat(output),
            "loss": float(loss.detach()),
            "after": {key: flat(value) for key, value in model.state_dict().items()},
        }
    json.dump({"torch": torch.__version__, "models": results}, open(out, "w"))


if __name__ == "__main__":
    main(*sys.argv[1:])
