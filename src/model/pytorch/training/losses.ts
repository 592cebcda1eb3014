import type { JsonObject } from '../../../common/json';
import type { LossSpec } from '../../../common/modelSpec';
import { HostObject } from '../../python/hostObject';
import { truthOf } from '../../python/truth';
import { host, native, unknown, numberOf, stringOf, type Arguments, type Value } from '../../python/value';
import { argument } from '../arguments';
import { ModelOutput } from '../modelOutput';
import type { TorchSession } from '../torchSession';

/** Keras's name of a loss of `torch.nn`, and whether it takes logits. Log-probabilities are as good as logits for a softmax. */
const LOSSES: Record<string, { name: string; fromLogits: boolean }> = {
  CrossEntropyLoss: { name: 'sparse_categorical_crossentropy', fromLogits: true },
  NLLLoss: { name: 'sparse_categorical_crossentropy', fromLogits: true },
  NLLLoss2d: { name: 'sparse_categorical_crossentropy', fromLogits: true },
  BCELoss: { name: 'binary_crossentropy', fromLogits: false },
  BCEWithLogitsLoss: { name: 'binary_crossentropy', fromLogits: true },
  MSELoss: { name: 'mean_squared_error', fromLogits: false },
  L1Loss: { name: 'mean_absolute_error', fromLogits: false },
  SmoothL1Loss: { name: 'huber', fromLogits: false },
  HuberLoss: { name: 'huber', fromLogits: false },
  KLDivLoss: { name: 'kl_divergence', fromLogits: false },
};

const FUNCTIONS: Record<string, string> = {
  cross_entropy: 'CrossEntropyLoss',
  nll_loss: 'NLLLoss',
  binary_cross_entropy: 'BCELoss',
  binary_cross_entropy_with_logits: 'BCEWithLogitsLoss',
  mse_loss: 'MSELoss',
  l1_loss: 'L1Loss',
  smooth_l1_loss: 'SmoothL1Loss',
  huber_loss: 'HuberLoss',
  kl_div: 'KLDivLoss',
};

/** What a loss gave: has gradients, and that is all that is asked of it. */
class LossValue extends HostObject {
  readonly description = 'a loss';

  override getAttribute(name: string): Value | undefined {
    if (name === 'item' || name === 'tolist' || name === 'numpy') return native(name, () => unknown('the value of a loss'));
    return native(name, () => host(this));
  }

  override binary(): Value | undefined {
    return host(this);
  }

  override truth(): boolean | undefined {
    return undefined;
  }
}

/** A loss module such as `nn.CrossEntropyLoss()`. */
export class LossModule extends HostObject {
  readonly description = 'a loss function';

  constructor(
    private readonly session: TorchSession,
    private readonly spec: LossSpec,
  ) {
    super();
  }

  override call(args: Arguments): Value | undefined {
    return apply(this.session, this.spec, args);
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'forward') return native(name, (args) => apply(this.session, this.spec, args));
    return native(name, () => host(this));
  }
}

/** Arguments that change what is minimised, and how the loss is computed here instead. */
const UNSUPPORTED: Record<string, string> = {
  weight: 'every class counts the same',
  pos_weight: 'positive and negative examples count the same',
  ignore_index: 'every example counts',
  reduction: 'it is the mean over the batch',
  size_average: 'it is the mean over the batch',
};

/** Says of what is not applied how the loss is computed here. */
function noteIgnored(session: TorchSession, className: string, args: Arguments): void {
  for (const [name, value] of args.keywords) {
    if (!Object.hasOwn(UNSUPPORTED, name) || value.kind === 'none') continue;
    const isUsual = name === 'reduction' ? stringOf(value) === 'mean' : name === 'size_average' && truthOf(value) === true;
    if (isUsual || (name === 'ignore_index' && (numberOf(value) ?? 0) < 0)) continue;
    session.keras.warn('loss-argument-ignored', `The ${name} of this ${className} is not applied: ${UNSUPPORTED[name]} here.`, args.site);
  }
}

function specOf(className: string, args: Arguments): LossSpec {
  const { name, fromLogits } = LOSSES[className];
  const config: JsonObject = {};
  const smoothing = numberOf(args.keywords.get('label_smoothing'));
  if (smoothing) config.label_smoothing = smoothing;
  const delta = numberOf(args.keywords.get('beta') ?? args.keywords.get('delta'));
  if (delta !== null && name === 'huber') config.delta = delta;
  // PyTorch's smooth L1 loss is Huber's over beta.
  if (className === 'SmoothL1Loss' && delta !== null && delta !== 0) config.scale = 1 / delta;
  return { name, fromLogits, config };
}

function apply(session: TorchSession, spec: LossSpec, args: Arguments): Value {
  const input = argument(args, 0, 'input');
  const output = input?.kind === 'host' && input.object instanceof ModelOutput ? input.object : null;
  // What the training code applies itself is not in the model: its output still are logits.
  const isLogits = spec.fromLogits || (spec.name === 'binary_crossentropy' && output?.applied === 'sigmoid');
  session.losses.push({ spec: { ...spec, fromLogits: isLogits }, module: output?.module ?? null, range: args.site });
  return host(new LossValue());
}

/** A loss module of `torch.nn`; undefined for classes that are none. */
export function makeLoss(session: TorchSession, className: string, args: Arguments): Value | undefined {
  if (!Object.hasOwn(LOSSES, className)) return undefined;
  const spec = specOf(className, args);
  noteIgnored(session, className, args);
  session.losses.push({ spec, module: null, range: args.site });
  return host(new LossModule(session, spec));
}

/** Applies a loss of `torch.nn.functional`; undefined for functions that are none. */
export function callLoss(session: TorchSession, name: string, args: Arguments): Value | undefined {
  if (!Object.hasOwn(FUNCTIONS, name)) return undefined;
  noteIgnored(session, FUNCTIONS[name], args);
  return apply(session, specOf(FUNCTIONS[name], args), args);
}
