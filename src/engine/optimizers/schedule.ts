import type { JsonObject, JsonValue } from '../../common/json';
import { torchSchedules } from './torchSchedules';

/** The learning rate of a step, counted from 0, in a run of so many steps per epoch. */
export type Schedule = (step: number, stepsPerEpoch: number) => number;
type Rate = (at: number) => number;

const number = (config: JsonObject, name: string, fallback: number): number => (typeof config[name] === 'number' ? config[name] : fallback);
const list = (config: JsonObject, name: string): number[] => ((config[name] as JsonValue[] | undefined) ?? []).map(Number);

/** Keras's LearningRateSchedule classes by name. */
const schedules: Record<string, (config: JsonObject) => Rate> = {
  ExponentialDecay(c) {
    const [initial, steps, rate] = [number(c, 'initial_learning_rate', 0.001), number(c, 'decay_steps', 1), number(c, 'decay_rate', 1)];
    return (step) => initial * rate ** (c.staircase ? Math.floor(step / steps) : step / steps);
  },
  InverseTimeDecay(c) {
    const [initial, steps, rate] = [number(c, 'initial_learning_rate', 0.001), number(c, 'decay_steps', 1), number(c, 'decay_rate', 0)];
    return (step) => initial / (1 + rate * (c.staircase ? Math.floor(step / steps) : step / steps));
  },
  PiecewiseConstantDecay(c) {
    const [boundaries, values] = [list(c, 'boundaries'), list(c, 'values')];
    return (step) => values[boundaries.filter((b) => step > b).length];
  },
  PolynomialDecay(c) {
    const [initial, steps] = [number(c, 'initial_learning_rate', 0.001), number(c, 'decay_steps', 1)];
    const [end, power] = [number(c, 'end_learning_rate', 0.0001), number(c, 'power', 1)];
    return (step) => {
      const total = c.cycle ? steps * Math.max(1, Math.ceil(step / steps)) : steps;
      return (initial - end) * (1 - Math.min(step, total) / total) ** power + end;
    };
  },
  CosineDecay(c) {
    const [initial, steps, alpha] = [number(c, 'initial_learning_rate', 0.001), number(c, 'decay_steps', 1), number(c, 'alpha', 0)];
    const warmup = number(c, 'warmup_steps', 0);
    const target = typeof c.warmup_target === 'number' ? c.warmup_target : null;
    return (step) => {
      if (target !== null && step < warmup) return initial + ((target - initial) * step) / warmup;
      const done = Math.min(step - (target === null ? 0 : warmup), steps) / steps;
      return (target ?? initial) * ((1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * done)) + alpha);
    };
  },
  CosineDecayRestarts(c) {
    const [initial, first, alpha] = [number(c, 'initial_learning_rate', 0.001), number(c, 'first_decay_steps', 1), number(c, 'alpha', 0)];
    const [growth, shrink] = [number(c, 't_mul', 2), number(c, 'm_mul', 1)];
    return (step) => {
      let length = first;
      let restarts = 0;
      let left = step;
      while (left >= length) {
        left -= length;
        length *= growth;
        restarts++;
      }
      return initial * ((1 - alpha) * 0.5 * shrink ** restarts * (1 + Math.cos((Math.PI * left) / length)) + alpha);
    };
  },
};

/**
 * The learning rate over the steps, from an optimiser's configuration: a number, with the older optimisers' `decay`, or a schedule.
 * @throws Error when the schedule is unknown.
 */
export function learningRateSchedule(config: JsonObject, fallback: number): Schedule {
  const rate = config.learning_rate ?? config.lr ?? fallback;
  if (rate && typeof rate === 'object' && !Array.isArray(rate)) {
    const name = String(rate.class_name);
    const inner = (rate.config ?? {}) as JsonObject;
    if (Object.hasOwn(torchSchedules, name)) {
      const torch = torchSchedules[name];
      return (step, perEpoch) => torch(inner, perEpoch)(inner.unit === 'epoch' ? Math.floor(step / perEpoch) : step);
    }
    if (!Object.hasOwn(schedules, name))
      throw new Error(`the learning rate schedule ${name} is not supported; use one of ${Object.keys(schedules).join(', ')}, or a number`);
    return schedules[name](inner);
  }
  const initial = Number(rate);
  const decay = number(config, 'decay', 0);
  return (step) => initial / (1 + decay * step);
}
