import type { JsonObject, JsonValue } from '../../common/json';

/** The rate after so many calls of the schedule's `step()`. */
type Rate = (at: number) => number;

const number = (config: JsonObject, name: string, fallback: number): number => (typeof config[name] === 'number' ? config[name] : fallback);

/** From `from` to `to` along half a cosine, or a line. */
const annealed = (from: number, to: number, share: number, isLinear: boolean): number =>
  isLinear ? from + (to - from) * share : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));

/**
 * The schedules of torch.optim.lr_scheduler in closed form, by their name behind `Torch`. Their settings have PyTorch's names, beside
 * `initial_learning_rate`; `unit` says whether `step()` is called after epochs or after steps.
 */
export const torchSchedules: Record<string, (config: JsonObject, stepsPerEpoch: number) => Rate> = {
  TorchStepLR: (c) => (at) => first(c) * number(c, 'gamma', 0.1) ** Math.floor(at / number(c, 'step_size', 1)),
  TorchMultiStepLR(c) {
    const milestones = ((c.milestones as JsonValue[] | undefined) ?? []).map(Number);
    return (at) => first(c) * number(c, 'gamma', 0.1) ** milestones.filter((m) => at >= m).length;
  },
  TorchExponentialLR: (c) => (at) => first(c) * number(c, 'gamma', 1) ** at,
  TorchCosineAnnealingLR: (c) => (at) => {
    const end = number(c, 'eta_min', 0);
    return end + ((first(c) - end) * (1 + Math.cos((Math.PI * at) / number(c, 'T_max', 1)))) / 2;
  },
  TorchCosineAnnealingWarmRestarts: (c) => (at) => {
    const [growth, end] = [number(c, 'T_mult', 1), number(c, 'eta_min', 0)];
    let [length, left] = [number(c, 'T_0', 1), at];
    while (left >= length) {
      left -= length;
      length *= growth;
    }
    return end + ((first(c) - end) * (1 + Math.cos((Math.PI * left) / length))) / 2;
  },
  TorchConstantLR: (c) => (at) => first(c) * (at < number(c, 'total_iters', 5) ? number(c, 'factor', 1 / 3) : 1),
  TorchLinearLR: (c) => (at) => {
    const [start, end] = [number(c, 'start_factor', 1 / 3), number(c, 'end_factor', 1)];
    const total = number(c, 'total_iters', 5);
    return first(c) * (start + ((end - start) * Math.min(at, total)) / total);
  },
  TorchPolynomialLR: (c) => (at) => {
    const total = number(c, 'total_iters', 5);
    return first(c) * (1 - Math.min(at, total) / total) ** number(c, 'power', 1);
  },
  TorchOneCycleLR(c, stepsPerEpoch) {
    const top = number(c, 'max_lr', first(c));
    const start = top / number(c, 'div_factor', 25);
    const end = start / number(c, 'final_div_factor', 1e4);
    const total = number(c, 'total_steps', number(c, 'epochs', 1) * number(c, 'steps_per_epoch', stepsPerEpoch));
    const rise = number(c, 'pct_start', 0.3) * total - 1;
    const isLinear = c.anneal_strategy === 'linear';
    return (given) => {
      const at = Math.min(given, total - 1);
      if (at <= rise) return annealed(start, top, at / rise, isLinear);
      return annealed(top, end, (at - rise) / (total - 1 - rise), isLinear);
    };
  },
};

const first = (config: JsonObject): number => number(config, 'initial_learning_rate', 0.001);
