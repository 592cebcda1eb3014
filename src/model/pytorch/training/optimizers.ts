import type { JsonObject, JsonValue } from '../../../common/json';
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

/** Keras's class name and settings. PyTorch adds epsilon to the root, Keras's RMSprop and Adagrad to what is under it: hence its square. */
function toKeras(name: string, s: JsonObject): OptimizerSpec {
  const [beta1, beta2] = Array.isArray(s.betas) ? s.betas : [0.9, 0.999];
  const common: JsonObject = { learning_rate: s.lr };
  const squared = (value: JsonValue) => Number((Number(value) ** 2).toPrecision(12));
  const adam = { ...common, beta_1: beta1, beta_2: beta2, epsilon: s.eps };
  switch (name) {
    case 'SGD':
      return {
        className: 'SGD',
        config: {
          ...common,
          momentum: s.momentum,
          nesterov: s.nesterov,
          ...(Number(s.weight_decay) > 0 && { weight_decay: s.weight_decay }),
        },
      };
    case 'AdamW':
      return { className: 'AdamW', config: { ...adam, weight_decay: s.weight_decay, amsgrad: s.amsgrad } };
    case 'Adam':
      return { className: 'Adam', config: { ...adam, amsgrad: s.amsgrad } };
    case 'NAdam':
      return { className: 'Nadam', config: adam };
    case 'Adamax':
      return { className: 'Adamax', config: adam };
    case 'RMSprop':
      return {
        className: 'RMSprop',
        config: { ...common, rho: s.alpha, momentum: s.momentum, epsilon: squared(s.eps), centered: s.centered },
      };
    case 'Adagrad':
      return {
        className: 'Adagrad',
        config: { ...common, initial_accumulator_value: s.initial_accumulator_value, epsilon: squared(s.eps) },
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
    private readonly use: OptimizerUse,
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

/** Makes an optimizer; undefined for classes that are none. */
export function makeOptimizer(session: TorchSession, name: string, args: Arguments, _machine: Machine): Value | undefined {
  if (!Object.hasOwn(PARAMETERS, name)) return /^[A-Z]/.test(name) ? unsupported(session, name, args) : undefined;
  const { settings, defect } = readSettings([['params', null], ...PARAMETERS[name]], omitModel(args));
  if (defect) session.keras.warn('unknown-argument', `${name} is read with PyTorch's default: ${defect}.`, args.site);
  const spec = toKeras(name, { ...Object.fromEntries(PARAMETERS[name]), ...settings } as JsonObject);
  const isCoupled = name !== 'SGD' && name !== 'AdamW' && Number(settings.weight_decay ?? 0) > 0;
  if (isCoupled) {
    session.keras.inform(
      'weight-decay',
      `weight_decay of ${name} adds to the gradient in PyTorch, which is left out here. AdamW's and SGD's are applied.`,
      args.site,
    );
  }
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
