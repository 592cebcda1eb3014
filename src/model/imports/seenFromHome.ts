import type { ModelSource, ModelSpec, Note, SourceRange } from '../../common/modelSpec';
import { folderOf, pathFrom } from './sourceFiles';

const TOP: SourceRange = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/**
 * An answer that came in part out of other files, as the file that was asked for shows it: models, notes and training settings get a place
 * there; layers keep theirs, which names its file.
 * @param homeOf where the home file leads to a range of another file; null when it is not known
 */
export function seenFromHome(source: ModelSource, home: string, homeOf: (range: SourceRange) => SourceRange | null): ModelSource {
  const placed = (range: SourceRange | null): SourceRange | null => (range?.file === undefined ? range : homeOf(range));
  const nameOf = (file: string) => pathFrom(folderOf(home), file);
  const noteAt = (note: Note, fallback: SourceRange): Note[] => {
    const { file, startLine } = note.range;
    if (file === undefined) return [note];
    // What is merely worth knowing is said where it stands; what is wrong, or may be told, is said here as well.
    if (note.severity === 'info' && !note.assumption) return [];
    return [{ ...note, message: `${nameOf(file)}, line ${startLine + 1}: ${note.message}`, range: homeOf(note.range) ?? fallback }];
  };
  const models = source.models.map((model): ModelSpec => {
    const range = placed(model.range) ?? TOP;
    const { compileRange, fitRange } = model.training;
    return {
      ...model,
      range,
      training: { ...model.training, compileRange: placed(compileRange), fitRange: placed(fitRange) },
      data: { ...model.data, range: placed(model.data.range) },
      notes: [...model.notes.flatMap((n) => noteAt(n, range)), ...originNote(model, range, nameOf)],
    };
  });
  // Other files have their own diagnostics; here only what keeps a model from being read matters.
  const isTold = models.length > 0;
  const notes = source.notes.filter((n) => n.range.file === undefined || n.severity === 'error' || !isTold).flatMap((n) => noteAt(n, TOP));
  return { ...source, models, notes };
}

/** Says which other files the layers of a model come from. */
function originNote(model: ModelSpec, range: SourceRange, nameOf: (file: string) => string): Note[] {
  const lines = new Map<string, number[]>();
  for (const { source } of model.layers) {
    if (source?.file !== undefined) lines.set(source.file, [...(lines.get(source.file) ?? []), source.startLine + 1]);
  }
  if (lines.size === 0) return [];
  const places = [...lines].map(([file, at]) => {
    const [first, last] = [Math.min(...at), Math.max(...at)];
    return `${nameOf(file)} (${first === last ? `line ${first}` : `lines ${first} to ${last}`})`;
  });
  const all = model.layers.every((l) => l.source === null || l.source.file !== undefined);
  const message = `${all ? 'The layers of' : 'Layers of'} ${model.name} come from ${places.join(', ')}.`;
  return [{ severity: 'info', code: 'imported-layers', message, range }];
}
