import type { JsonObject, JsonValue } from '../../common/json';
import type { LossSpec, OptimizerSpec } from '../../common/modelSpec';
import { isObject } from '../json';
import type { CompileInfo } from '../keras/compileAndFit';
import { lossName, metricName } from '../keras/losses';
import { completeOptimizer, optimizerClass } from '../keras/optimizers';
import type { KerasSession } from '../keras/session';
import type { LocatedJson } from './locatedJson';

/** Reads what Keras saved of `compile()`: `training_config` of Keras 2, `compile_config` of Keras 3. */
export function readTrainingConfig(session: KerasSession, json: LocatedJson): CompileInfo {
  const config = json.value as JsonObject;
  return {
    optimizer: readOptimizer(session, config.optimizer_config ?? config.optimizer, json),
    losses: mapOf(config.loss, readLoss),
    lossWeights: mapOf(config.loss_weights ?? [], Number),
    metrics: metricNames(config.metrics),
    range: json.range,
  };
}

function readOptimizer(session: KerasSession, json: JsonValue | undefined, at: LocatedJson): OptimizerSpec | null {
  const name = typeof json === 'string' ? json : isObject(json) ? json.class_name : undefined;
  if (typeof name !== 'string') return null;
  const className = optimizerClass(name);
  if (!className) {
    session.warn('unknown-optimizer', `The optimizer "${name}" is not known here; choose one of Keras's own.`, at.range);
    return null;
  }
  const config = isObject(json) && isObject(json.config) ? json.config : {};
  return completeOptimizer(className, config, session.dialect).spec;
}

/** An array's values by their place, an object's by their names, a single one under ''. */
function mapOf<T>(json: JsonValue | undefined, read: (json: JsonValue | undefined) => T): Map<number | string, T> {
  if (Array.isArray(json)) return new Map(json.map((value, i) => [i, read(value)]));
  if (!isObject(json) || typeof json.class_name === 'string') return new Map([['', read(json)]]);
  return new Map(Object.entries(json).map(([name, value]) => [name, read(value)]));
}

function readLoss(json: JsonValue | undefined): LossSpec | null {
  if (typeof json === 'string') return { name: lossName(json), fromLogits: false, config: {} };
  if (!isObject(json) || typeof json.class_name !== 'string') return null;
  const { from_logits: fromLogits, reduction: _reduction, name: _name, ...config } = isObject(json.config) ? json.config : {};
  return { name: lossName(json.class_name), fromLogits: fromLogits === true, config };
}

function metricNames(json: JsonValue | undefined): string[] {
  if (typeof json === 'string') return [metricName(json)];
  if (Array.isArray(json)) return [...new Set(json.flatMap(metricNames))];
  if (!isObject(json)) return [];
  if (typeof json.class_name !== 'string') return [...new Set(Object.values(json).flatMap(metricNames))];
  const config = isObject(json.config) ? json.config : {};
  const name = typeof config.fn === 'string' ? config.fn : typeof config.name === 'string' ? config.name : json.class_name;
  return [metricName(name)];
}
