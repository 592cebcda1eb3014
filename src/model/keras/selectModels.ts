import { isAugmenting } from './augmentationLayers';
import { CompositeModel, isOnlyPart } from './composite';
import { KerasModel } from './model';

/** The models that a person would call models: not the parts of others, not the same one made twice. */
export function selectModels(all: readonly KerasModel[]): KerasModel[] {
  const models = all.filter((m) => m.layers.length > 0 && !isOnlyPart(m) && !isReplacedByParts(m));
  const parts = new Set(models.flatMap((m) => m.layers.filter((l) => l instanceof KerasModel)));
  const isOwn = (m: KerasModel) => !parts.has(m) || m.variable?.isTopLevel === true || isUsed(m);
  const made = models.filter(isOwn);
  const isBase = (m: KerasModel) => (m.isLibrary && !isUsed(m) && !m.isShown) || (isAugmenting(m) && !isUsed(m));
  // A network of keras.applications, or a row of layers that augment images, is a model by itself only when nothing is made of it.
  const kept = made.some((m) => !isBase(m)) ? made.filter((m) => !isBase(m)) : made;
  const best = new Map<string, KerasModel>();
  for (const model of kept) {
    const id = identity(model);
    const rival = best.get(id);
    if (!rival || rank(model) > rank(rival)) best.set(id, model);
  }
  const chosen = new Set(best.values());
  return kept.filter((m) => chosen.has(m));
}

const isUsed = (m: KerasModel): boolean => m.compileInfo !== null || m.fitInfo !== null;

/** A class whose `call()` does something else with models: these can be shown, it can't. */
function isReplacedByParts(model: KerasModel): boolean {
  return model instanceof CompositeModel && model.outputs.length === 0 && model.layers.some((l) => l instanceof KerasModel);
}

function rank(model: KerasModel): number {
  return (model.fitInfo ? 4 : 0) + (model.compileInfo ? 2 : 0) + (model.variable?.isTopLevel ? 1 : 0);
}

/** The same for models that the same call made in the same way. */
function identity(model: KerasModel): string {
  const { source } = model;
  const place = source ? `${source.file ?? ''}:${source.cell ?? ''}:${source.startLine}:${source.startColumn}` : String(model.id);
  const shapes = model.layers.map((l) => [l.className, l.nodes[0]?.outputs[0]?.shape ?? null, l.config.filters ?? l.config.units ?? null]);
  return `${place} ${JSON.stringify(shapes)} ${model.outputs.length}`;
}
