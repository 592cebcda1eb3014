import type { JsonValue } from '../common/json';
import type { LayerInfo, ModelSpec } from '../common/modelSpec';

/** Factors from here down bring 0…255 near to 1: 1/255, 1/127.5. */
const BRINGS_DOWN = 0.05;

/** Name of the layer by which a model scales pixel values itself, ahead of everything that has weights; null when it does not. */
export function ownScaling({ layers }: ModelSpec): string | null {
  for (const { name, className, config, params } of layers) {
    // What a model within the model consists of follows it.
    if (layers.some((l) => l.name.startsWith(`${name}/`))) continue;
    if (scales(className, config)) return name;
    if (params > 0) return null;
  }
  return null;
}

function scales(className: JsonValue | undefined, config: LayerInfo['config']): boolean {
  if (className === 'Normalization') return true;
  if (className === 'Rescaling') return [config.scale].flat().every((s) => typeof s === 'number' && Math.abs(s) <= BRINGS_DOWN);
  // The body of a Lambda is a model.
  return className === 'Lambda' && bodyOf(config).some((l) => scales(l.class_name, l.config));
}

function bodyOf(config: LayerInfo['config']): { class_name: string; config: LayerInfo['config'] }[] {
  const graph = config.graph as { config?: { layers?: { class_name: string; config: LayerInfo['config'] }[] } } | undefined;
  return graph?.config?.layers ?? [];
}
