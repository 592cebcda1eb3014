import type { SymbolicTensor } from '../keras/tensor';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { host, int, native, numberOf, tuple, type Value } from '../python/value';
import { ShapeError } from '../keras/shapes';
import { concatenate } from './combining';
import { unsqueeze } from './reshaping';
import { timeFirst } from './sequences';
import { tensorMethod } from './tensorMethods';
import { BatchSize, TorchTensor } from './torchTensor';
import type { Place, Tracer } from './tracer';

/** The same numbers elsewhere. */
const COPIES = /^(detach|clone|contiguous|to|cuda|cpu|float|data)$/;

/** What a recurrent module hands out as its last states: one [N, H] for every layer and direction, [layers · directions, N, H] for PyTorch. */
export class HiddenState extends HostObject {
  readonly description = 'the states of a recurrent module';

  constructor(
    readonly tracer: Tracer,
    readonly parts: SymbolicTensor[],
    private readonly place: Place,
  ) {
    super();
  }

  private at(index: number): TorchTensor | null {
    const part = this.parts.at(index);
    return part ? new TorchTensor(this.tracer, part.shape ?? [], part, 'plain') : null;
  }

  /** All of them as one tensor. */
  private get whole(): TorchTensor {
    const { name, source } = this.place;
    const place: Place = { name: `${name}.states`, source };
    const raised = this.parts.map((_, i) => unsqueeze(this.tracer, this.at(i)!, 1, place));
    return timeFirst(concatenate(this.tracer, raised, 1, place));
  }

  override getItem(index: Value): Value | undefined {
    const [first, ...rest] = index.kind === 'tuple' ? index.items : [index];
    const at = numberOf(first);
    if (at === null) return this.whole.getItem(index);
    const part = this.at(at);
    if (!part) return undefined;
    return rest.length > 0 ? part.getItem({ kind: 'tuple', items: rest }) : host(part);
  }

  override iterate(): Value[] {
    return this.parts.map((_, i) => host(this.at(i)!));
  }

  override unpack(): Value[] {
    return this.iterate();
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    if (name === 'data') return host(this);
    if (COPIES.test(name)) return native(name, () => host(this));
    const units = this.parts[0].shape?.at(-1) ?? null;
    const sizes = tuple([int(this.parts.length), host(new BatchSize()), int(units ?? 0)]);
    if (name === 'shape') return sizes;
    if (name === 'size') return native(name, (args) => sizes.items.at(numberOf(args.positional[0]) ?? NaN) ?? sizes);
    if (name === 'squeeze' && this.parts.length === 1) return native(name, () => host(this.at(0)!));
    return tensorMethod(this.whole, name, machine);
  }

  override call(): Value | undefined {
    return undefined;
  }
}

/**
 * The states that a recurrent module begins with: [kind of state][layer · direction], null for zeros. What is not known is read as zeros,
 * and noted.
 */
export function initialStates(
  tracer: Tracer,
  given: Value | undefined,
  kinds: number,
  count: number,
  place: Place,
): SymbolicTensor[][] | null {
  const values = given?.kind === 'tuple' || given?.kind === 'list' ? given.items : given ? [given] : [];
  if (values.length === 0 || values.every(isZero)) return null;
  const states = values.map((v) => partsOf(v, count, place));
  if (states.length === kinds && states.every((s) => s !== null)) return states;
  tracer.session.inform('initial-state', `The states that "${place.name}" begins with are not followed: zeros are used.`, place.source);
  return null;
}

/** The states that one step begins with, [N, H] each; none for zeros. What is not known is read as zeros, and noted. */
export function cellStates(tracer: Tracer, given: Value | undefined, kinds: number, place: Place): SymbolicTensor[] {
  const values = given?.kind === 'tuple' || given?.kind === 'list' ? given.items : given ? [given] : [];
  const tensors = values.map((v) =>
    v.kind === 'host' && v.object instanceof TorchTensor && v.object.layout === 'plain' ? v.object.keras : null,
  );
  if (tensors.length === kinds && tensors.every((t) => t !== null)) return tensors;
  if (!values.every(isZero))
    tracer.session.inform('initial-state', `The states that "${place.name}" begins with are not followed: zeros are used.`, place.source);
  return [];
}

function isZero(value: Value): boolean {
  return value.kind === 'none' || (value.kind === 'array' && value.fill === 0);
}

function partsOf(value: Value, count: number, place: Place): SymbolicTensor[] | null {
  const object = value.kind === 'host' ? value.object : null;
  if (object instanceof HiddenState) {
    if (object.parts.length !== count) throw new ShapeError(`it begins with ${object.parts.length} states but has ${count}`);
    return object.parts;
  }
  // One state that was brought into the shape [1, N, H].
  if (object instanceof TorchTensor && count === 1 && object.layout === 'sequence-first' && object.shape[0] === 1) {
    const units = object.shape[2];
    return [object.tracer.addHelper(place, 'state', 'Reshape', { target_shape: [units] }, object.keras)];
  }
  return null;
}
