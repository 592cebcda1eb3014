import type { DataSpec } from '../../common/dataSpec';
import type { JsonObject } from '../../common/json';
import type { LossSpec, OptimizerSpec, Shape, SourceRange } from '../../common/modelSpec';
import { truthOf } from '../python/truth';
import { NONE, numberOf, stringOf, type Arguments, type Value } from '../python/value';
import { dataOf, type DataUse } from './dataOf';
import { SettingsObject } from './configObjects';
import { lossName, metricName } from './losses';
import { completeOptimizer, optimizerClass } from './optimizers';
import type { KerasSession } from './session';
import { UnknownSetting, toJson } from './toJson';

/** What `compile()` says. */
export interface CompileInfo {
  optimizer: OptimizerSpec | null;
  /** One for every output, by place or by the output layer's name; one for all of them under ''. */
  losses: Map<number | string, LossSpec | null>;
  /** What each is multiplied with; 1 where nothing is said. */
  lossWeights: Map<number | string, number>;
  metrics: string[];
  range: SourceRange;
}

/** The loss of an output and its weight. */
export function lossOf({ losses, lossWeights }: CompileInfo, place: number, layer: string): { loss: LossSpec | null; weight: number } {
  return {
    loss: losses.get(layer) ?? losses.get(place) ?? losses.get('') ?? null,
    weight: lossWeights.get(layer) ?? lossWeights.get(place) ?? 1,
  };
}

/** What `fit()` and its older kin say. */
export interface FitInfo {
  method: string;
  epochs: number | null;
  batchSize: number | null;
  validationSplit: number | null;
  stepsPerEpoch: number | null;
  validationSteps: number | null;
  shuffle: boolean | null;
  data: DataSpec | null;
  /** Shape of the data given as input, batch first; null when it isn't known. */
  inputShape: Shape | null;
  labels: DataUse['labels'];
  isNoiseIgnored: boolean;
  range: SourceRange;
}

const argument = (args: Arguments, at: number, ...names: string[]): Value | undefined =>
  names.map((n) => args.keywords.get(n)).find((v) => v !== undefined) ?? args.positional[at];

/** Reads the arguments of `compile(optimizer, loss, metrics)`. */
export function readCompile(session: KerasSession, args: Arguments): CompileInfo {
  const metrics = argument(args, 2, 'metrics');
  const isKeras1 = session.dialect === 'keras1';
  const optimizer = argument(args, 0, 'optimizer');
  return {
    optimizer: optimizer ? readOptimizer(session, optimizer, args.site) : null,
    losses: mapOf(argument(args, 1, 'loss') ?? NONE, (value) => readLoss(session, value, args.site)),
    lossWeights: mapOf(argument(args, isKeras1 ? 3 : -1, 'loss_weights') ?? NONE, (value) => numberOf(value) ?? 1),
    metrics: readMetrics(metrics && (!isKeras1 || metrics.kind !== 'unknown') ? metrics : NONE),
    range: args.site,
  };
}

/** An optimizer from its name or object, the dialect's defaults filled in. */
export function readOptimizer(session: KerasSession, value: Value, range: SourceRange): OptimizerSpec | null {
  const { dialect } = session;
  const name = stringOf(value) ?? (value.kind === 'external' ? (value.path.split('.').at(-1) ?? null) : null);
  if (name !== null) {
    const className = optimizerClass(name);
    if (className) return completeOptimizer(className, {}, dialect).spec;
    session.warn('unknown-optimizer', `The optimizer "${name}" is not known here; choose one of Keras's own.`, range);
    return null;
  }
  if (value.kind === 'host' && value.object instanceof SettingsObject && value.object.category === 'optimizers') {
    const { className, config, unknown, args } = value.object;
    const { spec, ignored } = completeOptimizer(className, config, dialect);
    for (const u of unknown) {
      session.warn(
        'unknown-setting',
        `${className}'s ${u.name} is not known (${u.reason}); Keras's default ${String(spec.config[u.name === 'lr' ? 'learning_rate' : u.name] ?? '')} is assumed.`,
        args.site,
      );
    }
    for (const key of ignored) session.warn('unknown-argument', `${className} has no argument "${key}"; it is ignored.`, args.site);
    return spec;
  }
  if (value.kind !== 'none') {
    const why = value.kind === 'unknown' ? ` (${value.reason})` : '';
    session.warn('unknown-optimizer', `The optimizer is not known${why}; choose one before training.`, range);
  }
  return null;
}

/** A list's values by their place, a dict's by their names, a single one under ''. */
function mapOf<T>(value: Value, read: (value: Value) => T): Map<number | string, T> {
  if (value.kind === 'list' || value.kind === 'tuple') return new Map(value.items.map((item, i) => [i, read(item)]));
  if (value.kind !== 'dict') return new Map([['', read(value)]]);
  const named = [...value.entries.values()].flatMap(({ key, value: item }) => (key.kind === 'str' ? [[key.value, item] as const] : []));
  return new Map(named.map(([name, item]) => [name, read(item)]));
}

function readLoss(session: KerasSession, value: Value, range: SourceRange): LossSpec | null {
  const name = stringOf(value) ?? (value.kind === 'external' ? (value.path.split('.').at(-1) ?? null) : null);
  if (name !== null) return { name: lossName(name), fromLogits: false, config: {} };
  if (value.kind === 'host' && value.object instanceof SettingsObject) {
    const config: JsonObject = { ...value.object.config };
    const fromLogits = config.from_logits === true;
    delete config.from_logits;
    return { name: lossName(value.object.className), fromLogits, config };
  }
  if (value.kind === 'function' || value.kind === 'native' || value.kind === 'class') {
    session.warn(
      'custom-loss',
      `The loss ${value.name} is written in Python, which is never run; choose one of Keras's losses to train.`,
      range,
    );
  } else if (value.kind !== 'none') {
    const why = value.kind === 'unknown' ? ` (${value.reason})` : '';
    session.warn('unknown-loss', `The loss is not known${why}; choose one before training.`, range);
  }
  return null;
}

function readMetrics(value: Value): string[] {
  if (value.kind === 'none' || value.kind === 'unknown') return [];
  const items =
    value.kind === 'list' || value.kind === 'tuple'
      ? value.items
      : value.kind === 'dict'
        ? [...value.entries.values()].map((e) => e.value)
        : [value];
  const names = items.flatMap((item): string[] => {
    if (item.kind === 'list' || item.kind === 'tuple') return readMetrics(item);
    if (item.kind === 'host' && item.object instanceof SettingsObject) return [metricName(item.object.className)];
    try {
      const json = toJson(item);
      return typeof json === 'string' ? [metricName(json)] : [];
    } catch (error) {
      if (error instanceof UnknownSetting) return [];
      throw error;
    }
  });
  return [...new Set(names)];
}

/** Reads the arguments of `fit`, `fit_generator` or `train_on_batch`. */
export function readFit(method: string, args: Arguments): FitInfo {
  const isGenerator = method === 'fit_generator';
  const number = (value: Value | undefined) => numberOf(value);
  const shuffle = argument(args, -1, 'shuffle');
  const input = argument(args, 0, 'x', 'generator', 'training_data') ?? NONE;
  const labels = isGenerator ? undefined : argument(args, 1, 'y');
  const validation = argument(args, isGenerator ? 5 : -1, 'validation_data');
  const use = dataOf(input, labels, validation, args.site);
  const batchSize = number(isGenerator ? args.keywords.get('batch_size') : argument(args, 2, 'batch_size')) ?? use.data?.batchSize ?? null;
  const samples = number(args.keywords.get('samples_per_epoch'));
  const validationSamples = number(args.keywords.get('nb_val_samples'));
  const perBatch = (count: number | null) => (count === null ? null : Math.max(1, Math.floor(count / (batchSize ?? 32))));
  return {
    method,
    epochs: number(argument(args, isGenerator ? 2 : 3, 'epochs', 'nb_epoch', 'nb_epochs')),
    batchSize,
    validationSplit: number(args.keywords.get('validation_split')),
    stepsPerEpoch: number(argument(args, isGenerator ? 1 : -1, 'steps_per_epoch')) ?? perBatch(samples),
    validationSteps: number(args.keywords.get('validation_steps')) ?? perBatch(validationSamples),
    shuffle: shuffle ? (truthOf(shuffle) ?? null) : null,
    data: use.data,
    inputShape: use.inputShape,
    labels: use.labels,
    isNoiseIgnored: use.isNoiseIgnored ?? false,
    range: args.site,
  };
}
