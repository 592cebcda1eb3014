import type { JsonObject } from '../../../common/json';
import type { OptimizerSpec } from '../../../common/modelSpec';
import { HostObject } from '../../python/hostObject';
import type { Machine } from '../../python/machine';
import { NONE, dict, host, list, native, unknown, float, type Arguments, type Value } from '../../python/value';
import { argument, readSettings, type TorchParameter } from '../arguments';
import { ownersOf } from '../moduleMethods';
import type { OptimizerUse, TorchSession } from '../torchSession';

const BETAS: TorchParameter = ['betas', [0.9, 0.999]];

/** Parameters behind `params`, with PyTorch's defaults. */
const PARAMETERS: Record<string, TorchParameter[]> = {
  SGD: [
    ['lr', 0.001],
    ['momentum', 0],
    ['dampening', 0],
    ['weight_decay', 0],
    ['nesterov', false],
  ],
  Adam: [['lr', 0.001], BETAS, ['eps', 1e-8], ['weight_decay', 0], ['amsgrad', false]],
  AdamW: [['lr', 0.001], BETAS, ['eps', 1e-8], ['weight_decay', 0.01], ['amsgrad', false]],
  NAdam: [['lr', 0.002], BETAS, ['eps', 1e-8], ['weight_decay', 0], ['momentum_decay', 0.004]],
  Adamax: [['lr', 0.002], BETAS, ['eps', 1e-8], ['weight_decay', 0]],
  RMSprop: [
    ['lr', 0.01],
    ['alpha', 0.99],
    ['eps', 1e-8],
    ['weight_decay', 0],
    ['momentum', 0],
    ['centered', false],
  ],
  Adagrad: [
    ['lr', 0.01],
    ['lr_decay', 0],
    ['weight_decay', 0],
    ['initial_accumulator_value', 0],
    ['eps', 1e-10],
  ],
  Adadelta: [
    ['lr', 1],
    ['rho', 0.9],
    ['eps', 1e-6],
    ['weight_decay', 0],
  ],
};

/** Keras's class name and settings; `variant` keeps PyTorch's places of epsilon and of the learning rate. */
function toKeras(name: string, s: JsonObject): OptimizerSpec {
  const [beta1, beta2] = Array.isArray(s.betas) ? s.betas : [0.9, 0.999];
  const isDecoupled = name === 'AdamW' || s.decoupled_weight_decay === true;
  const decay = Number(s.weight_decay) > 0 ? { [isDecoupled ? 'weight_decay' : 'coupled_weight_decay']: s.weight_decay } : {};
  const common: JsonObject = { learning_rate: s.lr, variant: 'pytorch', ...decay };
  const adam = { ...common, beta_1: beta1, beta_2: beta2, epsilon: s.eps };
  switch (name) {
    case 'SGD':
      return {
        className: 'SGD',
        config: { ...common, momentum: s.momentum, nesterov: s.nesterov, ...(Number(s.dampening) > 0 && { dampening: s.dampening }) },
      };
    case 'AdamW':
      return { className: 'AdamW', config: { ...adam, weight_decay: s.weight_decay, amsgrad: s.amsgrad } };
    case 'Adam':
      return { className: 'Adam', config: { ...adam, amsgrad: s.amsgrad } };
    case 'NAdam':
      return { className: 'Nadam', config: { ...adam, schedule_decay: s.momentum_decay } };
    case 'Adamax':
      return { className: 'Adamax', config: adam };
    case 'RMSprop':
      return { className: 'RMSprop', config: { ...common, rho: s.alpha, momentum: s.momentum, epsilon: s.eps, centered: s.centered } };
    case 'Adagrad':
      return {
        className: 'Adagrad',
        config: { ...common, initial_accumulator_value: s.initial_accumulator_value, epsilon: s.eps, lr_decay: s.lr_decay },
      };
    default:
      return { className: 'Adadelta', config: { ...common, rho: s.rho, epsilon: s.eps } };
  }
}

/** An optimizer of `torch.optim`. */
class Optimizer extends HostObject {
  readonly description = 'an optimizer';

  constructor(
    private readonly session: TorchSession,
    readonly use: OptimizerUse,
  ) {
    super();
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'step':
        return native(name, (args) => {
          this.session.recordStep(this.use, args.site);
          return NONE;
        });
      case 'param_groups': {
        const rate = this.use.spec.config.learning_rate;
        return list([dict([['lr', typeof rate === 'number' ? float(rate) : unknown('the learning rate')]])]);
      }
      default:
        return native(name, () => NONE);
    }
  }
}

/** The optimizer that a value is; null when it is none. */
export function optimizerUseOf(value: Value): OptimizerUse | null {
  return value.kind === 'host' && value.object instanceof Optimizer ? value.object.use : null;
}

/** Makes an optimizer; undefined for classes that are none. */
export function makeOptimizer(session: TorchSession, name: string, args: Arguments, _machine: Machine): Value | undefined {
  if (!Object.hasOwn(PARAMETERS, name)) return /^[A-Z]/.test(name) ? unsupported(session, name, args) : undefined;
  const { settings, defect } = readSettings([['params', null], ...PARAMETERS[name]], omitModel(args));
  if (defect) session.keras.warn('unknown-argument', `${name} is read with PyTorch's default: ${defect}.`, args.site);
  const spec = toKeras(name, { ...Object.fromEntries(PARAMETERS[name]), ...settings } as JsonObject);
  const use: OptimizerUse = { spec, owners: ownersOf(argument(args, 0, 'params') ?? NONE), range: args.site };
  session.optimizers.push(use);
  return host(new Optimizer(session, use));
}

function unsupported(session: TorchSession, name: string, args: Arguments): Value {
  session.keras.warn('unknown-optimizer', `The optimizer ${name} is not known here; choose another one for training.`, args.site);
  return unknown(`the optimizer ${name}`);
}

/** The same call with the model's parameters left out: they are no setting. */
function omitModel(args: Arguments): Arguments {
  const keywords = new Map(args.keywords);
  keywords.delete('params');
  return { ...args, positional: [NONE, ...args.positional.slice(args.keywords.has('params') ? 0 : 1)], keywords };
}
