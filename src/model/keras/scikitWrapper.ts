import { callValue } from '../python/calls';
import type { Machine } from '../python/machine';
import { unknown, type Arguments, type Value } from '../python/value';
import { KerasModel } from './model';

/** `KerasClassifier` and `KerasRegressor`, Keras's own and scikeras's. */
export const SCIKIT_WRAPPER = /^(?:(?:tensorflow\.)?keras\.wrappers\.scikit_learn|scikeras\.wrappers)\.Keras(?:Classifier|Regressor)$/;

const TRAINING = ['epochs', 'nb_epoch', 'batch_size', 'verbose', 'validation_split', 'shuffle'];

/** Builds the model of a wrapper for scikit-learn, with what the wrapper passes on, and trains it as the wrapper would. */
export function wrapModel(args: Arguments, machine: Machine): Value {
  const names = ['build_fn', 'model'];
  const builder = args.positional.at(0) ?? names.map((n) => args.keywords.get(n)).find((v) => v !== undefined);
  if (builder?.kind === 'function') {
    const wanted = new Set(builder.parameters.map((p) => p.name));
    // scikeras writes model__units for the builder's units.
    const given = [...args.keywords].map(([name, v]): [string, Value] => [name.replace(/^model__/, ''), v]);
    const keywords = new Map(given.filter(([name]) => wanted.has(name)));
    // What only a search over parameters gives is assumed later, as for any builder.
    const isOpen = builder.parameters.some((p) => p.kind === 'plain' && !builder.defaults.has(p.name) && !keywords.has(p.name));
    if (isOpen) return unknown('an estimator of scikit-learn');
    const made = callValue(builder, { ...args, positional: [], keywords }, machine);
    const model = made.kind === 'host' && made.object instanceof KerasModel ? made.object : null;
    const training = new Map(given.filter(([name]) => TRAINING.includes(name)));
    const fit = model && training.size > 0 ? model.getAttribute('fit', machine) : undefined;
    if (fit) callValue(fit, { ...args, positional: [], keywords: training }, machine);
    if (model) model.didAssign(builder.name, true);
  }
  return unknown('an estimator of scikit-learn');
}
