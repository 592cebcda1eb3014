import type { DataRef, DataSpec } from '../common/dataSpec';
import type { ModelSpec } from '../common/modelSpec';

const NAMES: Record<string, string> = { mnist: 'MNIST', fashion_mnist: 'Fashion-MNIST', cifar10: 'CIFAR-10', cifar100: 'CIFAR-100' };

/** What a file says it trains on, in a word or two. */
export function dataSpecName(spec: DataSpec): string {
  if (spec.name) return NAMES[spec.name] ?? spec.name;
  if (spec.path) return spec.path;
  return 'data not named';
}

/** A data source in a word or two. */
export function dataRefName(ref: DataRef): string {
  return ref.kind === 'embedded' ? `embedded ${ref.name}` : (ref.path.split(/[\\/]/).filter(Boolean).at(-1) ?? ref.path);
}

/** The embedded set that suits a model better: digits for one channel or ten classes, shapes for colour. */
export function embeddedFor(model: ModelSpec): 'digits' | 'shapes' {
  const channels = model.inputShapes[0]?.at(-1) ?? 1;
  return channels === 1 ? 'digits' : 'shapes';
}
