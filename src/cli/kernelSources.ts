import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { decodeFrame, frameKey } from '../common/frame';
import { kernelAxes } from '../common/kernelAxes';
import { readFrame, readManifest } from '../runs/runReader';
import { listFrames } from '../runs/runWriter';
import { openWeights } from '../weights/openWeights';
import { readKernels } from '../weights/readKernels';
import { UserError } from './userError';

/** A conv layer's kernel in Keras's layout. */
export interface LayerKernel {
  name: string;
  /** [kh, kw, cin, filters] */
  shape: number[];
  values: Float32Array;
  /** Keras's class name of what drew it; null when the source does not say. */
  initialiser: string | null;
}

export interface KernelSource {
  /** Of a run's newest frame; null for a weight file. */
  step: number | null;
  layers: LayerKernel[];
}

/**
 * The conv kernels of a run folder or of a weight file.
 * @throws UserError when the path holds neither.
 */
export async function readKernelSource(given: string): Promise<KernelSource> {
  const isRun = await fs.access(path.join(given, 'run.json')).then(
    () => true,
    () => false,
  );
  return isRun ? ofRun(given) : ofWeights(given);
}

async function ofRun(given: string): Promise<KernelSource> {
  const folder = path.resolve(given);
  const manifest = await readManifest(folder).catch((error: Error) => {
    throw new UserError(given, 1, `is not a run (${error.message}); give a folder that holds run.json`);
  });
  const newest = listFrames(folder).at(-1);
  if (newest === undefined) throw new UserError(given, 1, 'holds no frames yet; train at least one step');
  const frame = decodeFrame(await readFrame(folder, newest));
  const layers = manifest.spec.layers.flatMap((layer): LayerKernel[] => {
    const kernel = layer.weights.find((w) => w.name === 'kernel' && w.shape.length === 4);
    const tensor = kernel && frame.tensors.get(frameKey('weight', layer.name, 'kernel'));
    return tensor ? [{ name: layer.name, shape: tensor.shape, values: tensor.values, initialiser: kernel.initializer.className }] : [];
  });
  return { step: frame.step, layers };
}

async function ofWeights(given: string): Promise<KernelSource> {
  const reader = await openWeights(given).catch((error: Error) => {
    throw new UserError(given, 1, `is neither a run nor a weight file: ${error.message}`);
  });
  try {
    const layers: LayerKernel[] = [];
    for (const tensor of reader.info.tensors) {
      const { layout, name, role } = tensor;
      if (role !== 'conv kernel' || !layout || !kernelAxes(layout) || tensor.unreadable !== null || layout.length !== 4) continue;
      const kernels = await readKernels(tensor, { path: given, tensor: name, layout }, null, (start, end) => reader.read(name, start, end));
      layers.push({ name, shape: kernels.shape, values: new Float32Array(kernels.values), initialiser: null });
    }
    return { step: null, layers };
  } finally {
    reader.close();
  }
}
