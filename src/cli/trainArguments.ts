import * as path from 'node:path';
import type { TrainOptions } from '../common/run';
import { wholeNumber } from './options';
import { UserError } from './userError';

const text = { type: 'string' } as const;

/** The options of everything that trains. */
export const trainFlags = {
  data: text,
  model: text,
  epochs: text,
  'batch-size': text,
  steps: text,
  seed: text,
  limit: text,
  'learning-rate': text,
  backend: text,
  weights: text,
  json: { type: 'boolean', default: false },
} as const;

export const trainUsage =
  '[--data PATH|embedded] [--model NAME] [--epochs N] [--batch-size N] [--steps N] [--seed N] [--limit N] [--learning-rate X] [--weights FILE] [--backend auto|wasm|wasm-portable|webgpu|cpu]';

/** The seed of a run for which none is given. */
export const DEFAULT_SEED = 1;

/**
 * What was asked for, only what was given.
 * @throws UserError naming the option that is wrong.
 */
export function askedOptions(values: { [K in keyof typeof trainFlags]?: string | boolean }): Partial<TrainOptions> {
  const given = (name: keyof typeof trainFlags): string | undefined => values[name] as string | undefined;
  return dropNull({
    epochs: wholeNumber('epochs', given('epochs'), 1),
    batchSize: wholeNumber('batch-size', given('batch-size'), 1),
    maxSteps: wholeNumber('steps', given('steps'), 1),
    seed: wholeNumber('seed', given('seed'), 0),
    limit: wholeNumber('limit', given('limit'), 1),
    learningRate: positiveNumber('learning-rate', given('learning-rate')),
    backend: backendNamed(given('backend')),
    initialWeights: given('weights') === undefined ? null : path.resolve(given('weights') ?? ''),
  });
}

function positiveNumber(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!(number > 0 && Number.isFinite(number))) throw new UserError('kernelscope', 1, `--${name} is ${value}; give a number above 0`);
  return number;
}

const BACKENDS = ['auto', 'wasm', 'wasm-portable', 'webgpu', 'cpu'] as const;

function backendNamed(value: string | undefined): TrainOptions['backend'] | null {
  if (value === undefined) return null;
  const known = BACKENDS.find((name) => name === value);
  if (known) return known;
  throw new UserError('kernelscope', 1, `--backend is ${value}; give auto, wasm, wasm-portable, webgpu or cpu`);
}

function dropNull<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as { [K in keyof T]?: NonNullable<T[K]> };
}
