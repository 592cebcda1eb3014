import type { LayerInfo } from '../common/modelSpec';
import { ModelError } from '../common/modelError';
import type { WeightTensor } from '../common/weightFile';
import { openWeights } from '../weights/openWeights';
import { kerasPlaces } from '../weights/write/kerasWeights';
import type { Parameter } from './parameter';

export interface InitialWeights {
  values: Map<Parameter, Float32Array>;
  /** What was taken from the file, and what was not. */
  note: string;
}

/** How a stored tensor becomes one in Keras's layout: the stored axis that each of its axes is. */
const TO_KERAS: Record<string, number[]> = { OIHW: [2, 3, 1, 0], OHWI: [1, 2, 3, 0], OI: [1, 0], OIK: [2, 1, 0] };

/**
 * The values of a weight file that belong to a model's weights: by name (as saved here, by Keras or by TensorFlow.js), else by the place
 * of a shape in the order of layers. Kernels of other libraries are turned into Keras's layout.
 * @throws ModelError when none of its tensors fits; WeightError as DataError's kin when the file cannot be read.
 */
export async function readInitialWeights(
  file: string,
  layers: readonly LayerInfo[],
  parameters: readonly Parameter[],
  signal: AbortSignal,
): Promise<InitialWeights> {
  const reader = await openWeights(file, signal).catch((error: Error) => {
    throw new ModelError(`${file} cannot be the start: ${error.message}`);
  });
  try {
    const tensors = reader.info.tensors.filter((t) => t.unreadable === null && t.role !== 'optimiser');
    const values = new Map<Parameter, Float32Array>();
    for (const [parameter, tensor] of match(tensors, layers, parameters))
      values.set(parameter, inKerasLayout(await reader.read(tensor.name, 0, undefined, signal), tensor));
    if (values.size === 0)
      throw new ModelError(
        `no tensor of ${file} fits a weight of this model; give a file of the same model, such as one saved from a run of it`,
      );
    const drawn = parameters.filter((p) => !values.has(p)).map((p) => `${p.layer}/${p.name}`);
    const rest = drawn.length > 0 ? ` ${drawn.slice(0, 4).join(', ')}${drawn.length > 4 ? ', …' : ''} are drawn as usual.` : '';
    return { values, note: `${values.size} of ${parameters.length} weights start from ${file}.${rest}` };
  } finally {
    reader.close();
  }
}

function match(tensors: WeightTensor[], layers: readonly LayerInfo[], parameters: readonly Parameter[]): Map<Parameter, WeightTensor> {
  const places = new Map(kerasPlaces([...layers]).map(({ name, place }) => [name, place.join('/')]));
  const left = new Set(tensors);
  const found = new Map<Parameter, WeightTensor>();
  const take = (parameter: Parameter, tensor: WeightTensor | undefined): void => {
    if (!tensor) return;
    left.delete(tensor);
    found.set(parameter, tensor);
  };
  const nth = new Map<string, number>();
  for (const p of parameters) {
    const index = nth.get(p.layer) ?? 0;
    nth.set(p.layer, index + 1);
    const names = [`${p.layer}/${p.name}`, `${places.get(p.layer) ?? p.layer}/vars/${index}`];
    const isNamed = (t: WeightTensor): boolean => names.some((n) => bare(t.name) === n || bare(t.name).endsWith(`/${n}`));
    take(
      p,
      [...left].find((t) => fits(t, p) && isNamed(t)),
    );
  }
  // By order only where no name was found at all: a file of the same model that names its tensors otherwise.
  if (found.size > 0) return found;
  for (const p of parameters)
    take(
      p,
      [...left].find((t) => fits(t, p)),
    );
  return found;
}

function bare(name: string): string {
  return name.replace(/:\d+$/, '').replaceAll('.', '/');
}

function fits(tensor: WeightTensor, { spec }: Parameter): boolean {
  return String(shapeInKeras(tensor)) === String(spec.shape);
}

function axesOf({ layout, shape }: WeightTensor): number[] | null {
  const axes = layout ? TO_KERAS[layout] : undefined;
  return axes && axes.length === shape.length ? axes : null;
}

function shapeInKeras(tensor: WeightTensor): number[] {
  return axesOf(tensor)?.map((axis) => tensor.shape[axis]) ?? tensor.shape;
}

/** Values with their axes in Keras's order. */
function inKerasLayout(values: Float32Array, tensor: WeightTensor): Float32Array {
  const axes = axesOf(tensor);
  if (!axes) return values;
  const { shape } = tensor;
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const outShape = axes.map((axis) => shape[axis]);
  const result = new Float32Array(values.length);
  const index = outShape.map(() => 0);
  for (let at = 0; at < result.length; at++) {
    result[at] = values[index.reduce((sum, n, k) => sum + n * strides[axes[k]], 0)];
    for (let k = index.length - 1; k >= 0 && ++index[k] === outShape[k]; k--) index[k] = 0;
  }
  return result;
}
