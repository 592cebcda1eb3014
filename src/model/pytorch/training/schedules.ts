import type { JsonObject } from '../../../common/json';
import { HostObject } from '../../python/hostObject';
import { NONE, host, native, unknown, type Arguments, type Value } from '../../python/value';
import { argument, readSettings, type TorchParameter } from '../arguments';
import type { OptimizerUse, TorchSession } from '../torchSession';
import { optimizerUseOf } from './optimizers';

/** Parameters behind the optimizer, with PyTorch's defaults. */
const SCHEDULES: Record<string, TorchParameter[]> = {
  StepLR: [
    ['step_size', undefined],
    ['gamma', 0.1],
  ],
  MultiStepLR: [
    ['milestones', undefined],
    ['gamma', 0.1],
  ],
  ExponentialLR: [['gamma', undefined]],
  CosineAnnealingLR: [
    ['T_max', undefined],
    ['eta_min', 0],
  ],
  CosineAnnealingWarmRestarts: [
    ['T_0', undefined],
    ['T_mult', 1],
    ['eta_min', 0],
  ],
  ConstantLR: [
    ['factor', 1 / 3],
    ['total_iters', 5],
  ],
  LinearLR: [
    ['start_factor', 1 / 3],
    ['end_factor', 1],
    ['total_iters', 5],
  ],
  PolynomialLR: [
    ['total_iters', 5],
    ['power', 1],
  ],
  OneCycleLR: [
    ['max_lr', undefined],
    ['total_steps', null],
    ['epochs', null],
    ['steps_per_epoch', null],
    ['pct_start', 0.3],
    ['anneal_strategy', 'cos'],
    ['cycle_momentum', true],
    ['base_momentum', 0.85],
    ['max_momentum', 0.95],
    ['div_factor', 25],
    ['final_div_factor', 1e4],
  ],
};

/** A schedule of `torch.optim.lr_scheduler`: where its `step()` is called tells whether it counts batches or epochs. */
class Scheduler extends HostObject {
  readonly description = 'a learning-rate schedule';

  constructor(
    private readonly session: TorchSession,
    private readonly use: OptimizerUse,
    private readonly config: JsonObject,
  ) {
    super();
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'get_last_lr' || name === 'get_lr') return native(name, () => unknown('the learning rate of a step'));
    if (name !== 'step') return native(name, () => NONE);
    return native(name, () => {
      const inner = this.session.steps.find((s) => s.optimizer === this.use)?.depth ?? 0;
      if (inner > 0) this.config.unit = this.session.machine.loops.length >= inner ? 'step' : 'epoch';
      return NONE;
    });
  }
}

/** Gives an optimizer a schedule of PyTorch's; one that is not known here is noted. */
export function makeSchedule(session: TorchSession, name: string, args: Arguments): Value {
  const use = optimizerUseOf(argument(args, 0, 'optimizer') ?? NONE);
  const ignore = (why: string): Value => {
    session.keras.inform(
      'schedule-ignored',
      `The learning-rate schedule ${name} is not applied${why}: the rate stays as the optimizer has it.`,
      args.site,
    );
    return unknown('a learning-rate schedule');
  };
  if (!Object.hasOwn(SCHEDULES, name) || !use) return ignore('');
  const { settings, defect } = readSettings([['optimizer', null], ...SCHEDULES[name]], withoutOptimizer(args));
  const isLost = Object.values(settings).includes(undefined as never);
  const unsaid = defect !== null && !(name === 'OneCycleLR' && /steps_per_epoch|total_steps/.test(defect));
  if (isLost || unsaid) return ignore(` (${defect ?? 'a setting is not known'})`);
  const rate = use.spec.config.learning_rate;
  if (typeof rate !== 'number') return ignore(' on top of another one');
  if (name === 'OneCycleLR' && settings.cycle_momentum !== false)
    session.keras.inform('schedule-momentum', 'OneCycleLR changes the momentum too, which stays as the optimizer has it here.', args.site);
  const { optimizer: _optimizer, ...own } = { ...Object.fromEntries(SCHEDULES[name]), ...settings } as JsonObject;
  const config: JsonObject = { ...own, initial_learning_rate: rate, unit: name === 'OneCycleLR' ? 'step' : 'epoch' };
  use.spec.config.learning_rate = { class_name: `Torch${name}`, config };
  return host(new Scheduler(session, use, config));
}

/** The same call with the optimizer left out: it is no setting. */
function withoutOptimizer(args: Arguments): Arguments {
  const keywords = new Map(args.keywords);
  keywords.delete('optimizer');
  return { ...args, positional: [NONE, ...args.positional.slice(args.keywords.has('optimizer') ? 0 : 1)], keywords };
}
