import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { BatchNorm } from './batchNormalization';
import { single } from './layerClasses';
import type { LayerConfig, NoiseClock } from './noiseLayer';
import { oneShape, OwnLayer, type Shape } from './ownLayer';

type Layer = tfl.layers.Layer;
type Kwargs = Record<string, unknown>;

/** The layer or model of a configuration. @throws Error when its class is not known */
export function layerFrom(config: unknown): Layer {
  const { className, config: inner } = config as { className: string; config: Record<string, unknown> };
  const known = tfc.serialization.SerializationMap.getMap().classNameMap;
  if (!Object.hasOwn(known, className)) throw new Error(`Unknown layer: ${className}`);
  const [constructor, fromConfig] = known[className] as unknown as [unknown, (c: unknown, config: object) => Layer];
  return fromConfig(constructor, inner);
}

/** A layer made of others, whose weights are its own. */
export abstract class Wrapping extends OwnLayer {
  /** The layers it is made of, in the order of its weights. */
  abstract readonly parts: readonly Layer[];
  private readonly times = { value: null as NoiseClock | null };

  /** Noise of what is inside, too. */
  set clock(clock: NoiseClock) {
    this.times.value = clock;
    for (const layer of allLayers(this.parts)) if ('clock' in layer) layer.clock = clock;
  }
  get clock(): NoiseClock {
    return this.times.value ?? { seed: 0, step: 0 };
  }

  override get trainableWeights(): tfl.LayerVariable[] {
    return this.trainable ? (this.parts ?? []).flatMap((l) => l.trainableWeights) : [];
  }
  override set trainableWeights(_: tfl.LayerVariable[]) {
    // TF.js's constructor empties the list, which this layer does not have.
  }
  override get nonTrainableWeights(): tfl.LayerVariable[] {
    const parts = this.parts ?? [];
    return this.trainable ? parts.flatMap((l) => l.nonTrainableWeights) : parts.flatMap((l) => l.weights);
  }
  override set nonTrainableWeights(_: tfl.LayerVariable[]) {
    // As above.
  }
  override get weights(): tfl.LayerVariable[] {
    return (this.parts ?? []).flatMap((l) => l.weights);
  }
  override get losses(): Layer['losses'] {
    return (this.parts ?? []).flatMap((l) => l.losses);
  }
}

/** Layers with those inside of them. */
export function* allLayers(layers: readonly Layer[]): Generator<Layer> {
  for (const layer of layers) {
    yield layer;
    if (layer instanceof Wrapping) yield* allLayers(layer.parts);
    else if ('layers' in layer) yield* allLayers(layer.layers as Layer[]);
  }
}

const buildOn = (layer: Layer, shape: Shape): void => {
  if (layer.built) return;
  layer.build(shape);
  layer.built = true;
};

const hasBatchStatistics = (layers: readonly Layer[]): boolean => [...allLayers(layers)].some((l) => l instanceof BatchNorm);

/** Keras's TimeDistributed: the times join the batch. */
export class TimeDistributed extends Wrapping {
  static readonly className = 'KernelscopeTimeDistributed';
  readonly parts: readonly Layer[];

  constructor(config: LayerConfig) {
    super(config);
    this.parts = [layerFrom(config.layer)];
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    buildOn(this.parts[0], [shape[0], ...shape.slice(2)]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, time, ...rest] = oneShape(inputShape);
    const inner = this.parts[0].computeOutputShape([batch, ...rest]) as Shape;
    return [batch, time, ...inner.slice(1)];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const [n, time, ...rest] = x.shape;
      // Keras 3 takes time after time, which batch statistics feel.
      if (this.config.perStep === true && kwargs.training === true && hasBatchStatistics(this.parts))
        return tfc.stack(
          tfc.unstack(x, 1).map((at) => single(this.parts[0].call(at, kwargs))),
          1,
        );
      const y = single(this.parts[0].call(tfc.reshape(x, [n * time, ...rest]), { training: kwargs.training }));
      return tfc.reshape(y, [n, time, ...y.shape.slice(1)]);
    });
  }
}

/** Keras's Bidirectional: a second layer reads the sequence from its end. */
export class Bidirectional extends Wrapping {
  static readonly className = 'KernelscopeBidirectional';
  readonly parts: readonly [Layer, Layer];
  private readonly mode: string | null;
  private readonly returnsSequences: boolean;
  private readonly returnsState: boolean;

  constructor(config: LayerConfig) {
    super(config);
    const given = config.layer as { className: string; config: Record<string, unknown> };
    const reversed = {
      ...given,
      config: { ...given.config, name: `${String(given.config.name)}_backward`, goBackwards: given.config.goBackwards !== true },
    };
    this.parts = [layerFrom(given), layerFrom(config.backwardLayer ?? reversed)];
    this.mode = config.mergeMode === undefined ? 'concat' : (config.mergeMode as string | null);
    this.returnsSequences = given.config.returnSequences === true;
    this.returnsState = given.config.returnState === true;
  }

  override build(inputShape: Shape | Shape[]): void {
    for (const layer of this.parts) buildOn(layer, oneShape(inputShape));
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const made = this.parts[0].computeOutputShape(oneShape(inputShape)) as Shape | Shape[];
    const [output, ...states] = (Array.isArray(made[0]) ? made : [made]) as Shape[];
    const joined = this.mode === 'concat' ? output.map((n, i) => (i === output.length - 1 && n !== null ? 2 * n : n)) : output;
    const all = [...(this.mode === null ? [output, output] : [joined]), ...states, ...states];
    return all.length === 1 ? all[0] : all;
  }

  override computeMask(inputs: tfc.Tensor | tfc.Tensor[], mask?: tfc.Tensor | tfc.Tensor[]): tfc.Tensor | tfc.Tensor[] {
    const made = this.computeOutputShape(single(inputs).shape);
    const given = (this.returnsSequences ? ([mask].flat()[0] ?? null) : null) as tfc.Tensor;
    if (!Array.isArray(made[0])) return given;
    const outputs = this.mode === null ? 2 : 1;
    return made.map((_, i) => (i < outputs ? given : null)) as unknown as tfc.Tensor[];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor | tfc.Tensor[] {
    return tfc.tidy(() => {
      const x = single(inputs);
      const run = (layer: Layer): tfc.Tensor[] => [layer.call(x, kwargs)].flat();
      const [forward, ...forwardStates] = run(this.parts[0]);
      const [backward, ...backwardStates] = run(this.parts[1]);
      const y = this.returnsSequences ? tfc.reverse(backward, 1) : backward;
      const merged = this.mode === null ? [forward, y] : [this.merge(forward, y)];
      const all = this.returnsState ? [...merged, ...forwardStates, ...backwardStates] : merged;
      return all.length === 1 ? all[0] : all;
    });
  }

  private merge(a: tfc.Tensor, b: tfc.Tensor): tfc.Tensor {
    switch (this.mode) {
      case 'sum':
        return tfc.add(a, b);
      case 'mul':
        return tfc.mul(a, b);
      case 'ave':
        return tfc.mul(tfc.add(a, b), 0.5);
      default:
        return tfc.concat([a, b], a.rank - 1);
    }
  }
}

/** A Lambda whose body the reader followed: the layers that do the same, as a model without weights. */
export class TracedLambda extends Wrapping {
  static readonly className = 'KernelscopeLambda';
  readonly parts: readonly Layer[];

  constructor(config: LayerConfig) {
    super(config);
    this.parts = [layerFrom(config.graph)];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.parts[0].computeOutputShape(inputShape as Shape) as Shape | Shape[];
  }

  protected override get passesMask(): boolean {
    return false;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor | tfc.Tensor[] {
    return tfc.tidy(() => {
      const made = this.parts[0].call(inputs, { training: kwargs.training });
      return Array.isArray(made) && made.length === 1 ? made[0] : made;
    });
  }
}
