import type { WeightTensor } from '../../src/common/weightFile';
import { difference } from '../run/fields';
import type { Resource } from './resources';
import { sideLabel, type Display } from './tensorText';
import type { WeightsContext } from './weightsContext';
import type { Tiles } from './weightsData';

/** Numbers of a vector shown at a time. */
export const VECTOR_PAGE = 1 << 16;

/** One picture of a tensor: a file's values, or the difference between two files. */
export interface TileField {
  key: string;
  label: string;
  isDifference: boolean;
  tiles: Resource<Tiles>;
}

/** What there is to be seen of a tensor: one picture, or the two files of a comparison and their difference. */
export class TileFields {
  private readonly differences = new WeakMap<Float32Array, { other: Float32Array; tiles: Tiles }>();

  constructor(private readonly context: WeightsContext) {}

  of(tensor: WeightTensor, display: Display & { kind: 'kernels' | 'vector' }): TileField[] {
    const { data, comparison, intent } = this.context;
    const { snapshot } = data;
    if (snapshot?.mode === 'compare') {
      const pair = comparison.pairOf(tensor.name);
      const fields: TileField[] = [];
      if (pair?.a)
        fields.push({ key: 'a', label: sideLabel(snapshot.files, 0), isDifference: false, tiles: this.load(0, pair.a, display) });
      if (pair?.b)
        fields.push({ key: 'b', label: sideLabel(snapshot.files, 1), isDifference: false, tiles: this.load(1, pair.b, display) });
      if (fields.length === 2 && pair?.a?.shape.join() === pair?.b?.shape.join())
        fields.push({
          key: 'difference',
          label: 'Difference, second − first',
          isDifference: true,
          tiles: this.subtract(fields[0].tiles, fields[1].tiles),
        });
      return fields;
    }
    const value = this.load(intent.file, tensor, display);
    if (snapshot?.mode === 'film' && intent.field !== 'value') {
      const from = intent.field === 'sinceFirst' ? 0 : Math.max(0, intent.file - 1);
      const label = `Change since ${snapshot.files[from].name}`;
      const before = data.file(from)?.info ? data.tensor(from, tensor.name) : undefined;
      if (before === undefined) return [{ key: intent.field, label, isDifference: true, tiles: { state: 'loading' } }];
      if (!before || before.shape.join() !== tensor.shape.join()) {
        const message = `${snapshot.files[from].name} does not hold this tensor in this shape.`;
        return [{ key: intent.field, label, isDifference: true, tiles: { state: 'failed', message } }];
      }
      return [{ key: intent.field, label, isDifference: true, tiles: this.subtract(this.load(from, before, display), value) }];
    }
    return [{ key: 'value', label: data.file(intent.file)?.name ?? '', isDifference: false, tiles: value }];
  }

  private load(file: number, tensor: WeightTensor, display: Display): Resource<Tiles> {
    const { data, intent } = this.context;
    const ref = { file, tensor: tensor.name };
    if (display.kind === 'kernels') return data.kernels(ref, display.layout, intent.first);
    const total = tensor.shape[0] ?? 1;
    const first = Math.min(intent.first, Math.max(0, total - 1));
    return data.vector(ref, first, Math.min(VECTOR_PAGE, total - first), total);
  }

  private subtract(a: Resource<Tiles>, b: Resource<Tiles>): Resource<Tiles> {
    if (a.state !== 'ready') return a;
    if (b.state !== 'ready') return b;
    const known = this.differences.get(b.value.values);
    if (known?.other === a.value.values) return { state: 'ready', value: known.tiles };
    const tiles = { ...b.value, values: difference(b.value.values, a.value.values) };
    this.differences.set(b.value.values, { other: a.value.values, tiles });
    return { state: 'ready', value: tiles };
  }
}
