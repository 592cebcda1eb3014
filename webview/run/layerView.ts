import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import { kernelKind, type KernelKind } from '../../src/common/kernelGeometry';
import type { ViewModel } from '../../src/common/panelProtocol';

/** How a weight is looked at: as it is stored, or a dense kernel after a Flatten as the big kernels that it really holds. */
export interface WeightView {
  shape: number[];
  kind: KernelKind;
  /** What one tile is called. */
  item: 'kernel' | 'unit' | 'value' | 'frame';
  /** For an unfolded dense kernel: the map [h, w, c] that the Flatten before it makes flat. */
  unfolded: [number, number, number] | null;
}

/** @param unfold show a dense kernel behind a Flatten unit by unit as [h, w, c] kernels over the map that was made flat. */
export function weightView(model: ViewModel, layer: LayerInfo, weight: WeightSpec, unfold: boolean): WeightView {
  const kind = kernelKind(layer.className, weight.name);
  const map = unfold ? flattenedMap(model, layer, weight) : null;
  if (map) return { shape: [...map, weight.shape[1]], kind: 'conv', item: 'unit', unfolded: map };
  const item = weight.shape.length >= 3 ? 'kernel' : weight.shape.length === 2 ? 'unit' : 'value';
  return { shape: weight.shape, kind, item, unfolded: null };
}

/** The map [h, w, c] whose flat form a dense layer reads, when a Flatten stands before it (layers that keep shapes in between). */
export function flattenedMap(model: ViewModel, layer: LayerInfo, weight: WeightSpec): [number, number, number] | null {
  if (weight.shape.length !== 2 || layer.className !== 'Dense') return null;
  let source = model.layers.find((l) => l.name === layer.inputs[0]);
  while (source && /Dropout|Activation|GaussianNoise/.test(source.className)) {
    const before: string = source.inputs[0];
    source = model.layers.find((l) => l.name === before);
  }
  if (source?.className !== 'Flatten') return null;
  const mapLayer = model.layers.find((l) => l.name === source.inputs[0]);
  const shape = mapLayer ? mapLayer.outputShape.slice(1) : (model.dataset?.inputShape ?? []);
  if (shape.length !== 3 || shape.some((n) => n === null)) return null;
  const [h, w, c] = shape as [number, number, number];
  return h * w * c === weight.shape[0] ? [h, w, c] : null;
}
