import type { LayerInfo, ModelSpec, SourceRange } from '../common/modelSpec';

/** The model whose lines, from its first line to its last layer or fit call, hold `line`; in a file of one model, that one. */
export function modelAt(models: readonly ModelSpec[], line: number): ModelSpec | null {
  if (models.length <= 1) return models[0] ?? null;
  const inside = models.filter((m) => {
    const [first, last] = modelLines(m);
    return line >= first && line <= last;
  });
  if (inside.length > 0) return inside.reduce((best, m) => (modelLines(m)[0] >= modelLines(best)[0] ? m : best));
  const before = models.filter((m) => modelLines(m)[0] <= line);
  return before.length > 0 ? before.reduce((best, m) => (modelLines(m)[0] >= modelLines(best)[0] ? m : best)) : models[0];
}

/** First and last line of a model, zero-based, inclusive. */
export function modelLines(model: ModelSpec): [number, number] {
  const ranges = [model.range, model.training.compileRange, model.training.fitRange, ...model.layers.map((l) => l.source)].filter(
    (r): r is SourceRange => r !== null && r.cell === model.range.cell && r.file === model.range.file,
  );
  return [Math.min(...ranges.map((r) => r.startLine)), Math.max(...ranges.map((r) => r.endLine))];
}

/**
 * The layer whose call stands at a position: the smallest range around it, or else the only candidate of the line, so that any
 * place on a layer's line will do.
 */
export function layerAt(model: ModelSpec, line: number, column: number): LayerInfo | null {
  const onLine = model.layers.filter(
    (l) => l.source && l.source.file === undefined && line >= l.source.startLine && line <= l.source.endLine,
  );
  const around = onLine.filter((l) => l.source && contains(l.source, line, column));
  const candidates = around.length > 0 ? around : onLine.filter((l) => l.source?.startLine === line || l.source?.endLine === line);
  if (candidates.length === 0) return null;
  return candidates.reduce((best, l) =>
    size(l) < size(best) || (size(l) === size(best) && l.weights.length > best.weights.length) ? l : best,
  );
}

function contains(range: SourceRange, line: number, column: number): boolean {
  if (line < range.startLine || line > range.endLine) return false;
  if (line === range.startLine && column < range.startColumn) return false;
  return !(line === range.endLine && column > range.endColumn);
}

function size(layer: LayerInfo): number {
  const r = layer.source;
  return r ? (r.endLine - r.startLine) * 10_000 + (r.endColumn - r.startColumn) : Infinity;
}
