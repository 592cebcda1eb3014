import type { JsonValue } from '../../common/json';
import type { KerasSession } from './session';

/** By the setting, in whatever layer. */
const ANYWHERE: Record<string, JsonValue> = {
  rate: 0.5,
  factor: 0.1,
  height_factor: 0.1,
  stddev: 0.1,
  kernel_size: 3,
  pool_size: 2,
  strides: 1,
  n: 10,
  num_heads: 4,
  key_dim: 32,
  return_sequences: false,
};

/** Words of a vocabulary, and numbers that stand for a word. */
const VOCABULARY = 10_000;
const EMBEDDING = 64;

/**
 * A usual value for a setting that comes from outside of the file: from data on disk, a page, an argument nobody gives. Undefined where
 * nothing is usual.
 */
export function usualSetting(session: KerasSession, className: string, setting: string): JsonValue | undefined {
  if (setting === 'units') return /^(LSTM|GRU|SimpleRNN|ConvLSTM\dD)$/.test(className) ? 64 : (session.knownData?.classes ?? 10);
  if (setting === 'filters') return /Conv/.test(className) ? 32 : undefined;
  if (className === 'Embedding') {
    if (setting === 'input_dim') return VOCABULARY;
    if (setting === 'output_dim') return EMBEDDING;
  }
  return Object.hasOwn(ANYWHERE, setting) ? ANYWHERE[setting] : undefined;
}
