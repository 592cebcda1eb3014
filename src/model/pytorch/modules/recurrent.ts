import type { JsonObject } from '../../../common/json';
import type { InitializerSpec } from '../../../common/modelSpec';
import { layerDefinition } from '../../keras/layerTable';
import type { LayerDefinition } from '../../keras/layerDefinition';
import { ShapeError, numberIn } from '../../keras/shapes';
import type { SymbolicTensor } from '../../keras/tensor';
import { host, tuple, type Value } from '../../python/value';
import type { TorchParameter } from '../arguments';
import { operationLayer } from '../computed';
import { HiddenState, cellStates, initialStates } from '../hiddenState';
import type { ModuleDefinition } from '../moduleDefinition';
import { batchFirst, timeFirst } from '../sequences';
import { TorchTensor } from '../torchTensor';
import type { Place, Tracer, WeightOwner } from '../tracer';

const RECURRENT: TorchParameter[] = [
  ['input_size', undefined],
  ['hidden_size', undefined],
  ['num_layers', 1],
  ['bias', true],
  ['batch_first', false],
  ['dropout', 0],
  ['bidirectional', false],
];

interface Kind {
  /** Of `torch.nn`. */
  className: 'RNN' | 'GRU' | 'LSTM';
  layer: 'SimpleRNN' | 'GRU' | 'LSTM';
  gates: number;
  states: number;
}

const MAX_LAYERS = 64;

const directionsOf = (s: JsonObject): number => (s.bidirectional === true ? 2 : 1);
const layersOf = (s: JsonObject): number => Math.min(numberIn(s, 'num_layers'), MAX_LAYERS);
/** PyTorch's ending of the names of one direction's weights: `l0`, `l0_reverse`. */
const suffixOf = (layer: number, direction: number): string => `l${layer}${direction === 1 ? '_reverse' : ''}`;

function weightsOf(s: JsonObject, gates: number): [string, number[]][] {
  const hidden = numberIn(s, 'hidden_size');
  const directions = directionsOf(s);
  return Array.from({ length: layersOf(s) * directions }, (_, i): [string, number[]][] => {
    const layer = Math.floor(i / directions);
    const suffix = suffixOf(layer, i % directions);
    const inputs = layer === 0 ? numberIn(s, 'input_size') : hidden * directions;
    const kernels: [string, number[]][] = [
      [`weight_ih_${suffix}`, [gates * hidden, inputs]],
      [`weight_hh_${suffix}`, [gates * hidden, hidden]],
    ];
    const biases = ['ih', 'hh'].map((part): [string, number[]] => [`bias_${part}_${suffix}`, [gates * hidden]]);
    return s.bias === false ? kernels : [...kernels, ...biases];
  }).flat();
}

/** Keras's layer with PyTorch's two biases, one for the input and one for the state. */
function layerOf(kind: Kind): LayerDefinition {
  const base = layerDefinition(kind.layer)!;
  return { ...base, parameters: [...base.parameters, ['double_bias', true]] };
}

/** The weights of one direction of one layer: each is a layer here, while PyTorch's module holds them all. */
class Part implements WeightOwner {
  constructor(
    private readonly owner: WeightOwner,
    private readonly suffix: string,
  ) {}

  get initializers(): ReadonlyMap<string, InitializerSpec> {
    return this.owner.initializers;
  }

  get frozen(): ReadonlySet<string> {
    return this.owner.frozen;
  }

  nameOf(weight: string): string {
    const name = { kernel: 'weight_ih', recurrent_kernel: 'weight_hh', bias: 'bias_ih' }[weight] ?? weight;
    return this.suffix === '' ? name : `${name}_${this.suffix}`;
  }
}

const parts = new WeakMap<WeightOwner, Map<string, Part>>();

function partOf(owner: WeightOwner | undefined, suffix: string): Part | undefined {
  if (!owner) return undefined;
  const known = parts.get(owner) ?? new Map<string, Part>();
  parts.set(owner, known);
  const part = known.get(suffix) ?? new Part(owner, suffix);
  known.set(suffix, part);
  return part;
}

function reversed(tracer: Tracer, x: SymbolicTensor, place: Place): SymbolicTensor {
  const whole = { start: null, stop: null, step: null };
  const shape = x.shape ?? [];
  const settings = { items: [whole, { ...whole, step: -1 }], output_shapes: [shape] };
  return tracer.add(
    place,
    operationLayer('getitem', settings, () => [shape]),
    {},
    [x],
  );
}

function settingsOf(kind: Kind, s: JsonObject): JsonObject {
  const hidden = numberIn(s, 'hidden_size');
  const bound = 1 / Math.sqrt(hidden);
  // Every weight and bias alike: torch.nn.RNNBase.reset_parameters.
  const initial = { class_name: 'RandomUniform', config: { minval: -bound, maxval: bound } };
  return {
    units: hidden,
    use_bias: s.bias !== false,
    return_sequences: true,
    return_state: true,
    kernel_initializer: initial,
    recurrent_initializer: initial,
    bias_initializer: initial,
    ...(kind.className === 'LSTM' && { unit_forget_bias: false }),
    ...(kind.className === 'RNN' && { activation: s.nonlinearity === 'relu' ? 'relu' : 'tanh' }),
  };
}

/** One direction of one layer over [N, T, F]: what it gives at all times, in their order, and its last states. */
function runPart(
  kind: Kind,
  tracer: Tracer,
  s: JsonObject,
  [x, ...states]: SymbolicTensor[],
  isBackward: boolean,
  place: Place,
): { output: SymbolicTensor; states: SymbolicTensor[] } {
  const settings = { ...settingsOf(kind, s), go_backwards: isBackward };
  const raw = tracer.add(place, layerOf(kind), settings, [x, ...states]);
  const last = raw.node.outputs.slice(1);
  return { output: isBackward ? reversed(tracer, raw, { name: `${place.name}.in_order`, source: place.source }) : raw, states: last };
}

/** `nn.RNN`, `nn.GRU` and `nn.LSTM`: their layers and directions one by one, as Keras layers. */
function recurrent(kind: Kind): ModuleDefinition {
  const isElman = kind.className === 'RNN';
  return {
    className: kind.className,
    parameters: isElman ? [...RECURRENT.slice(0, 3), ['nonlinearity', 'tanh'], ...RECURRENT.slice(3)] : [...RECURRENT, ['proj_size', 0]],
    apply() {
      throw new ShapeError(`nn.${kind.className} gives its outputs and its states, of which this takes the first only`);
    },
    run(tracer, s, args, place) {
      const [given, initial] = args;
      if (given?.kind !== 'host' || !(given.object instanceof TorchTensor)) return undefined;
      if (numberIn(s, 'num_layers') > MAX_LAYERS) throw new ShapeError(`it has more than ${MAX_LAYERS} layers`);
      if (Number(s.proj_size ?? 0) > 0) throw new ShapeError('a projection of its states (proj_size) is not followed');
      const x = given.object;
      if (x.shape.length !== 3) throw new ShapeError(`it expects sequences (three axes) but gets ${x.shape.length} axes`);
      if (x.shape[2] !== s.input_size) throw new ShapeError(`it expects ${numberIn(s, 'input_size')} features but gets ${x.shape[2]}`);
      const isTimeFirst = s.batch_first !== true;
      if (isTimeFirst !== (x.layout === 'sequence-first'))
        throw new ShapeError(
          isTimeFirst
            ? 'it takes the first axis for time (batch_first is False), but that is the batch here; write batch_first=True or move the axes'
            : 'it takes the first axis for the batch (batch_first is True), but that is time here',
        );
      const directions = directionsOf(s);
      const states = initialStates(tracer, initial, kind.states, layersOf(s) * directions, place);
      const found: SymbolicTensor[][] = [];
      let sequence = batchFirst(x, place).keras;
      for (let layer = 0; layer < layersOf(s); layer++) {
        const outputs = Array.from({ length: directions }, (_, direction) => {
          const suffix = suffixOf(layer, direction);
          const name = layersOf(s) * directions === 1 ? place.name : `${place.name}.${suffix}`;
          const own: Place = { name, source: place.source, owner: partOf(place.owner, suffix) };
          const begin = states?.map((kindOf) => kindOf[layer * directions + direction]) ?? [];
          const { output, states: last } = runPart(kind, tracer, s, [sequence, ...begin], direction === 1, own);
          found.push(last);
          return output;
        });
        const suffix = `l${layer}`;
        sequence =
          outputs.length === 1
            ? outputs[0]
            : tracer.add({ name: `${place.name}.${suffix}.concat`, source: place.source }, 'Concatenate', { axis: -1 }, outputs);
        const rate = Number(s.dropout);
        if (rate > 0 && layer < layersOf(s) - 1)
          sequence = tracer.add({ name: `${place.name}.${suffix}.dropout`, source: place.source }, 'Dropout', { rate }, [sequence]);
      }
      const output = new TorchTensor(tracer, sequence.shape ?? [], sequence, 'plain');
      const last = Array.from({ length: kind.states }, (_, i): Value => {
        return host(
          new HiddenState(
            tracer,
            found.map((f) => f[i]),
            place,
          ),
        );
      });
      return tuple([host(isTimeFirst ? timeFirst(output) : output), last.length === 1 ? last[0] : tuple(last)]);
    },
    weights: (s) => weightsOf(s, kind.gates),
    need: (s) => ({ kind: 'sequence', size: numberIn(s, 'input_size'), spatial: 1, isTimeFirst: s.batch_first !== true }),
  };
}

/** `nn.LSTMCell` and its like: one step of time, a sequence of length one here. */
function cell(kind: Kind): ModuleDefinition {
  return {
    className: `${kind.className}Cell`,
    parameters: [
      ['input_size', undefined],
      ['hidden_size', undefined],
      ['bias', true],
      ['nonlinearity', 'tanh'],
    ],
    apply() {
      throw new ShapeError(`nn.${kind.className}Cell gives its states, of which this takes the first only`);
    },
    run(tracer, s, [given, initial], place) {
      if (given?.kind !== 'host' || !(given.object instanceof TorchTensor)) return undefined;
      const x = given.object;
      if (x.shape.length !== 2 || x.shape[1] !== s.input_size)
        throw new ShapeError(`it expects [batch, ${numberIn(s, 'input_size')}] but gets [${x.shape.map((n) => n ?? 'batch').join(', ')}]`);
      const states = cellStates(tracer, initial, kind.states, place);
      const step = tracer.addHelper(place, 'step', 'Reshape', { target_shape: [1, x.shape[1]] }, x.keras);
      const own: Place = { ...place, owner: partOf(place.owner, '') };
      const raw = tracer.add(own, layerOf(kind), { ...settingsOf(kind, s), return_sequences: false }, [step, ...states]);
      const after = raw.node.outputs.slice(1).map((t): Value => host(new TorchTensor(tracer, t.shape ?? [], t, 'plain')));
      return after.length === 1 ? after[0] : tuple(after);
    },
    weights(s) {
      const hidden = numberIn(s, 'hidden_size');
      const kernels: [string, number[]][] = [
        ['weight_ih', [kind.gates * hidden, numberIn(s, 'input_size')]],
        ['weight_hh', [kind.gates * hidden, hidden]],
      ];
      const biases = ['bias_ih', 'bias_hh'].map((name): [string, number[]] => [name, [kind.gates * hidden]]);
      return s.bias === false ? kernels : [...kernels, ...biases];
    },
    need: (s) => ({ kind: 'features', size: numberIn(s, 'input_size'), spatial: 0 }),
  };
}

const KINDS: Kind[] = [
  { className: 'RNN', layer: 'SimpleRNN', gates: 1, states: 1 },
  { className: 'GRU', layer: 'GRU', gates: 3, states: 1 },
  { className: 'LSTM', layer: 'LSTM', gates: 4, states: 2 },
];

export const recurrentModules: ModuleDefinition[] = [...KINDS.map(recurrent), ...KINDS.map(cell)];
