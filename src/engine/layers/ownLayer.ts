import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayerConfig } from './noiseLayer';

/** A shape with the batch first; null stands for a size that is not fixed. */
export type Shape = (number | null)[];

type Regularizer = ReturnType<typeof tfl.regularizers.l2>;
type Constraint = ReturnType<typeof tfl.constraints.nonNeg>;
const shapesIn = (inputs: tfc.Tensor | tfc.Tensor[]): Shape | Shape[] =>
  Array.isArray(inputs) ? inputs.map((x) => x.shape) : inputs.shape;

/** No mask for each of the outputs; TF.js's types forget that there may be none. */
export function noMasks(outputShape: Shape | Shape[]): tfc.Tensor | tfc.Tensor[] {
  const masks = Array.isArray(outputShape[0]) ? outputShape.map(() => null) : null;
  return masks as unknown as tfc.Tensor[];
}

type Apply = (x: tfc.Tensor) => tfc.Tensor;

/** A layer of ours, made from a Keras configuration in camel case, which it also serialises to. */
export abstract class OwnLayer extends tfl.layers.Layer {
  protected readonly config: LayerConfig;

  constructor(config: LayerConfig) {
    super(config);
    this.config = { ...config };
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  /** Whether what it gives is masked as what it gets. */
  protected get passesMask(): boolean {
    return true;
  }

  override computeMask(inputs: tfc.Tensor | tfc.Tensor[], mask?: tfc.Tensor | tfc.Tensor[]): tfc.Tensor | tfc.Tensor[] {
    return this.passesMask ? super.computeMask(inputs, mask) : noMasks(this.computeOutputShape(shapesIn(inputs)));
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.config as tfc.serialization.ConfigDict) };
  }

  get dataFormat(): 'channelsFirst' | 'channelsLast' {
    return this.config.dataFormat === 'channelsFirst' ? 'channelsFirst' : 'channelsLast';
  }

  protected get isChannelsFirst(): boolean {
    return this.dataFormat === 'channelsFirst';
  }

  protected number(name: string, fallback: number): number {
    return typeof this.config[name] === 'number' ? this.config[name] : fallback;
  }

  /** A setting per axis: one number stands for all. */
  protected perAxis(name: string, rank: number, fallback = 1): number[] {
    const value = this.config[name] ?? fallback;
    if (!Array.isArray(value)) return Array<number>(rank).fill(Number(value));
    return value.length === 1 ? Array<number>(rank).fill(Number(value[0])) : value.map(Number);
  }

  /**
   * A variable under Keras's name, with the regulariser and the constraint that the configuration gives for it.
   * @param setting name of those settings when it is not the variable's: `depthwise` for `depthwise_kernel`
   */
  protected variable(name: string, shape: number[], setting = name, isTrained = true): tfl.LayerVariable {
    const regularizer = isTrained ? objectOf<Regularizer>(this.config[`${setting}Regularizer`]) : undefined;
    const constraint = isTrained ? objectOf<Constraint>(this.config[`${setting}Constraint`]) : undefined;
    return this.addWeight(name, shape, 'float32', tfl.initializers.zeros(), regularizer, isTrained, constraint);
  }

  /** The activation of a setting; nothing for `linear`. */
  protected activate(x: tfc.Tensor, name: unknown = this.config.activation): tfc.Tensor {
    return activationNamed(name)(x);
  }
}

/** The one shape that a layer is built on. */
export function oneShape(inputShape: Shape | Shape[]): Shape {
  return (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
}

/** A size that must be fixed. @throws Error naming what is not */
export function fixed(size: number | null | undefined, what: string): number {
  if (typeof size !== 'number') throw new Error(`${what} must be fixed`);
  return size;
}

/** An activation by its name in camel case, or as a configuration object; null is linear. @throws Error when there is none */
export function activationNamed(given: unknown): Apply {
  const name = typeof given === 'object' && given ? (given as { className: string }).className : given;
  if (name === undefined || name === null || name === 'linear') return (x) => x;
  const [constructor] = classNamed(String(name));
  const activation = new (constructor as unknown as new (c: object) => { apply: Apply })({});
  return (x) => activation.apply(x);
}

/** The object of a class that TF.js's deserialiser knows. */
export function objectOf<T>(config: unknown): T | undefined {
  if (!config || typeof config !== 'object') return undefined;
  const { className, config: inner } = config as { className: string; config?: Record<string, unknown> };
  const [constructor] = classNamed(className);
  return new (constructor as unknown as new (c: Record<string, unknown>) => T)(inner ?? {});
}

function classNamed(name: string): [unknown, ...unknown[]] {
  const known = tfc.serialization.SerializationMap.getMap().classNameMap;
  if (!Object.hasOwn(known, name)) throw new Error(`Unknown setting: ${name}`);
  return known[name];
}
