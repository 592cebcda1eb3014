import type { Shape, SourceRange, WeightSpec } from '../../common/modelSpec';
import { array } from '../python/arrayValue';
import { findMember } from '../python/attributes';
import type { Machine } from '../python/machine';
import { NONE, host, list, native, str, unknown, type Arguments, type InstanceValue, type Value } from '../python/value';
import { CompositeModel } from './composite';
import type { Layer } from './layer';
import type { LayerDefinition } from './layerDefinition';
import { makeLayer } from './makeLayer';
import type { KerasSession } from './session';
import { ShapeError } from './shapes';
import type { SymbolicTensor } from './tensor';

/** Whether a class of the file computes otherwise than the layer of Keras that it derives from. */
export function overridesLayer(instance: InstanceValue): boolean {
  return ['call', 'build', '__call__'].some((name) => findMember(instance.class, name) !== undefined);
}

/**
 * An object of a class that derives from one of Keras's layers (`Conv2D`, say) and defines its own `call()` or `build()`. Both are followed;
 * `super().call()` is the layer of Keras itself.
 */
export class DerivedLayer extends CompositeModel {
  private base: Layer | null = null;
  /** What the layer of Keras makes in its `build()`. */
  private baseWeights: WeightSpec[] = [];
  /** It was built as Keras does it: `super().build()`, or no `build()` of its own. */
  private isBaseBuilt = false;
  private inputShapes: Shape[] = [];

  constructor(
    session: KerasSession,
    name: string,
    source: SourceRange | null,
    instance: InstanceValue,
    private readonly definition_: LayerDefinition,
  ) {
    super(session, name, source, instance, true);
    this.isBaseBuilt = findMember(instance.class, 'build') === undefined;
  }

  override initialize(args: Arguments, machine: Machine): void {
    super.initialize({ ...args, positional: [] }, machine);
    const keywords = new Map(args.keywords).set('name', str(this.name));
    this.base = makeLayer(this.session, this.definition_, { ...args, keywords, site: this.source ?? args.site });
    const { givenInputShape } = this.base;
    if (givenInputShape) this.setInputShape(givenInputShape);
  }

  override trace(shapes: Shape[], isList: boolean, args: Arguments, machine: Machine): void {
    if (this.inputShapes.length === 0) this.inputShapes = shapes;
    super.trace(shapes, isList, args, machine);
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    switch (name) {
      case 'call':
      case '__call__':
        return native(name, (args) => this.base?.call(args, machine) ?? unknown('what a layer that is not set up gives'));
      case 'build':
        return native(name, () => {
          this.isBaseBuilt = true;
          return NONE;
        });
      default: {
        const weight = this.isBaseBuilt ? this.builtWeights().find((w) => w.name === name) : undefined;
        return weight ? array(weight.shape) : (this.base?.getAttribute(name, machine) ?? super.getAttribute(name, machine));
      }
    }
  }

  protected override inherited(inputs: SymbolicTensor[]): Value | null {
    const outputs = this.base?.apply(inputs, this.source ?? this.instance.class.range).map(host);
    return outputs ? (outputs.length === 1 ? outputs[0] : list(outputs)) : null;
  }

  protected override inheritedShape(shapes: Shape[]): Shape | null {
    try {
      return this.base?.build(shapes).outputs[0] ?? null;
    } catch (error) {
      if (error instanceof ShapeError) return null;
      throw error;
    }
  }

  protected override allWeights(): WeightSpec[] {
    return [...new Set([...(this.isBaseBuilt ? this.builtWeights() : []), ...super.allWeights()])];
  }

  private builtWeights(): WeightSpec[] {
    if (this.base && this.baseWeights.length === 0 && this.inputShapes.length > 0) {
      try {
        this.baseWeights = this.base.weights ?? this.base.build(this.inputShapes).weights;
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
      }
    }
    return this.baseWeights;
  }
}
