import type { JsonObject } from '../../../common/json';
import type { InitializerSpec } from '../../../common/modelSpec';
import type { LayerDefinition } from '../../keras/layerDefinition';
import { layerDefinition } from '../../keras/layerTable';
import { ShapeError, numberIn } from '../../keras/shapes';
import { truthOf } from '../../python/truth';
import { NONE, host, tuple, unknown, type Arguments, type Value } from '../../python/value';
import type { ModuleDefinition } from '../moduleDefinition';
import { batchFirst, timeFirst } from '../sequences';
import { TorchTensor } from '../torchTensor';
import type { Place, Tracer, WeightOwner } from '../tracer';

/** PyTorch's names of the weights: those of query, key and value are one there. */
class Attending implements WeightOwner {
  constructor(private readonly owner: WeightOwner) {}

  get initializers(): ReadonlyMap<string, InitializerSpec> {
    return this.owner.initializers;
  }

  get frozen(): ReadonlySet<string> {
    return this.owner.frozen;
  }

  nameOf(weight: string): string {
    const kind = weight.endsWith('_bias') ? 'bias' : 'weight';
    return weight.startsWith('attention_output') ? `out_proj.${kind}` : `in_proj_${kind}`;
  }
}

const owners = new WeakMap<WeightOwner, Attending>();

function ownerOf(owner: WeightOwner | undefined): Attending | undefined {
  if (!owner) return undefined;
  const known = owners.get(owner) ?? new Attending(owner);
  owners.set(owner, known);
  return known;
}

const uniform = (bound: number): InitializerSpec => ({ className: 'RandomUniform', config: { minval: -bound, maxval: bound, seed: null } });

/**
 * Keras's layer with PyTorch's starting values: xavier_uniform over the joined weights of query, key and value, kaiming_uniform(a=√5) for
 * what comes out (torch.nn.MultiheadAttention._reset_parameters).
 */
function layerFor(features: number): LayerDefinition {
  const base = layerDefinition('MultiHeadAttention')!;
  return {
    ...base,
    build(config, inputs, inner) {
      const built = base.build(config, inputs, inner);
      for (const w of built.weights) {
        if (w.name.endsWith('_bias')) continue;
        w.initializer = uniform(w.name.startsWith('attention_output') ? 1 / Math.sqrt(features) : Math.sqrt(6 / (4 * features)));
      }
      return built;
    },
  };
}

/** Masks that are given and not plainly absent. */
function noteMasks(tracer: Tracer, args: Arguments, place: Place): void {
  const masks = ['attn_mask', 'key_padding_mask'].filter((name, i) => {
    const value = args.keywords.get(name) ?? args.positional[i === 0 ? 5 : 3];
    return value !== undefined && value.kind !== 'none';
  });
  if (masks.length === 0) return;
  tracer.session.warn(
    'mask-ignored',
    `The ${masks.join(' and ')} of "${place.name}" is not applied: every place attends to every other one here.`,
    place.source,
  );
}

const multihead: ModuleDefinition = {
  className: 'MultiheadAttention',
  parameters: [
    ['embed_dim', undefined],
    ['num_heads', undefined],
    ['dropout', 0],
    ['bias', true],
    ['add_bias_kv', false],
    ['add_zero_attn', false],
    ['kdim', null],
    ['vdim', null],
    ['batch_first', false],
  ],
  apply() {
    throw new ShapeError('nn.MultiheadAttention takes a query, a key and a value');
  },
  run(tracer, s, values, place, args) {
    const tensors = values.slice(0, 3).map((v) => (v.kind === 'host' && v.object instanceof TorchTensor ? v.object : null));
    const [query, key = query, value = key] = tensors;
    if (!query || !key || !value) return undefined;
    const features = numberIn(s, 'embed_dim');
    const heads = numberIn(s, 'num_heads');
    const isOther = (name: string) => s[name] !== null && s[name] !== features;
    if (isOther('kdim') || isOther('vdim') || s.add_bias_kv === true || s.add_zero_attn === true)
      throw new ShapeError('keys and values of other sizes, add_bias_kv and add_zero_attn are not followed');
    if (features % heads !== 0) throw new ShapeError(`${features} features can't be divided among ${heads} heads`);
    const isTimeFirst = s.batch_first !== true;
    for (const x of [query, key, value]) {
      if (x.shape.length !== 3) throw new ShapeError(`it expects sequences (three axes) but gets ${x.shape.length} axes`);
      if (x.shape[2] !== features) throw new ShapeError(`it expects ${features} features but gets ${x.shape[2]}`);
      if (isTimeFirst !== (x.layout === 'sequence-first'))
        throw new ShapeError(`its first axis is ${isTimeFirst ? 'the batch, but batch_first is False' : 'time, but batch_first is True'}`);
    }
    noteMasks(tracer, args, place);
    const causal = args.keywords.get('is_causal');
    const settings: JsonObject = {
      num_heads: heads,
      key_dim: features / heads,
      dropout: s.dropout,
      use_bias: s.bias !== false,
      use_causal_mask: causal !== undefined && truthOf(causal) === true,
    };
    const inputs = [query, value, key].map((x) => batchFirst(x, place).keras);
    const output = tracer.add({ ...place, owner: ownerOf(place.owner) }, layerFor(features), settings, inputs);
    const result = new TorchTensor(tracer, output.shape ?? [], output, 'plain');
    const needsWeights = args.keywords.get('need_weights');
    const weights: Value = needsWeights && truthOf(needsWeights) === false ? NONE : unknown('the weights of an attention');
    return tuple([host(isTimeFirst ? timeFirst(result) : result), weights]);
  },
  weights(s) {
    const n = numberIn(s, 'embed_dim');
    const kernels: [string, number[]][] = [
      ['in_proj_weight', [3 * n, n]],
      ['out_proj.weight', [n, n]],
    ];
    const biases: [string, number[]][] = [
      ['in_proj_bias', [3 * n]],
      ['out_proj.bias', [n]],
    ];
    return s.bias === false ? kernels : [...kernels, ...biases];
  },
  need: (s) => ({ kind: 'sequence', size: numberIn(s, 'embed_dim'), spatial: 1, isTimeFirst: s.batch_first !== true }),
};

export const attentionModules: ModuleDefinition[] = [multihead];
