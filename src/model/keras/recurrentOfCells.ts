import type { JsonObject } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { host } from '../python/value';
import { Layer } from './layer';
import { layerDefinition } from './layerTable';
import { impliedLayer } from './makeLayer';
import { SequentialModel } from './model';
import type { KerasSession } from './session';

/** What a `StackedRNNCells` is made of. */
const stacks = new WeakMap<Layer, Layer[]>();

/** `StackedRNNCells(cells)`, which stands for its cells wherever it is used. */
export function stackCells(session: KerasSession, cells: Layer[], name: string, source: SourceRange): Layer {
  const definition = layerDefinition('StackedRNNCells')!;
  const layer = new Layer(session, definition, name, {}, source);
  stacks.set(layer, cells.flatMap(cellsOf));
  return layer;
}

const cellsOf = (cell: Layer): Layer[] => stacks.get(cell) ?? [cell];

/**
 * `RNN(cell)` as the layer that is the same: `RNN(LSTMCell(8))` is an `LSTM(8)`; over several cells it is one such layer after the other,
 * since each starts from zeros. Null when one of them is no cell that is known here.
 * @param settings of the `RNN`: `return_sequences` and the like
 * @param shape the input shape given with it, batch axis first
 */
export function recurrentOfCells(
  session: KerasSession,
  given: readonly Layer[],
  settings: JsonObject,
  name: string,
  source: SourceRange,
  shape: Shape | null,
): Layer | null {
  const cells = given.flatMap(cellsOf);
  const definitions = cells.map((cell) =>
    /Cell$/.test(cell.className) ? layerDefinition(cell.className.slice(0, -'Cell'.length)) : undefined,
  );
  if (cells.length === 0 || definitions.includes(undefined)) return null;
  const layers = cells.map((cell, i) => {
    const isLast = i === cells.length - 1;
    const own: JsonObject = { ...cell.config, ...settings, name: cells.length === 1 ? name : cell.name };
    if (!isLast) Object.assign(own, { return_sequences: true, return_state: false });
    if (i === 0 && shape) own.batch_input_shape = shape;
    return impliedLayer(session, definitions[i]!, own, source);
  });
  if (layers.length === 1) return layers[0];
  const all = new SequentialModel(session, name, source);
  for (const layer of layers) all.append(host(layer), source);
  return all;
}
