import type { ModelSource, ModelSpec } from '../../../../src/common/modelSpec';
import { readModelSource } from '../../../../src/model/readModelSource';

const IMPORTS = 'import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n';

/** Reads a program; the usual imports are put in front of it. */
export function readTorch(program: string): Promise<ModelSource> {
  return readModelSource({ path: 'net.py', text: IMPORTS + program });
}

/** The one model of a program. */
export async function readOne(program: string): Promise<ModelSpec> {
  const { models } = await readTorch(program);
  if (models.length !== 1) throw new Error(`${models.length} models: ${models.map((m) => m.name).join(', ')}`);
  return models[0];
}

/** A module with these lines in `__init__` and `forward`, called with a sample of `shape`. */
export function network(init: string[], forward: string[], shape: number[]): string {
  const lines = (list: string[]) => list.map((l) => `        ${l}\n`).join('');
  return `class Net(nn.Module):
    def __init__(self):
        super().__init__()
${lines(init)}
    def forward(self, x):
${lines(forward)}
Net()(torch.randn(${shape.join(', ')}))
`;
}

/** `name class shape params` of every layer but the inputs. */
export function table(model: ModelSpec): string[] {
  return model.layers
    .filter((l) => l.className !== 'InputLayer')
    .map((l) => `${l.name} ${l.className} ${l.outputShape.slice(1).join('×')} ${l.params}`);
}
