import type { Shape, WeightSpec } from '../../../common/modelSpec';
import type { LayerDefinition } from '../layerDefinition';
import { ShapeError, shapeText } from '../shapes';

const prefixed = (prefix: string, weights: WeightSpec[]): WeightSpec[] => weights.map((w) => ({ ...w, name: `${prefix}_${w.name}` }));

/** Layers that are made of another layer. */
export const wrapperLayers: LayerDefinition[] = [
  {
    className: 'TimeDistributed',
    parameters: [['layer', undefined]],
    build(_config, [input], inner) {
      if (!inner) throw new ShapeError('the layer inside it is not known');
      if (input.length < 3) throw new ShapeError(`it expects an input with a time axis but gets ${shapeText(input)}`);
      const built = inner.build([[input[0], ...input.slice(2)]]);
      return { outputs: built.outputs.map((s) => [s[0], input[1], ...s.slice(1)]), weights: inner.innerWeights?.() ?? built.weights };
    },
  },
  {
    className: 'Bidirectional',
    parameters: [
      ['layer', undefined],
      ['merge_mode', 'concat'],
      ['weights', null],
      ['backward_layer', null],
    ],
    build(config, inputs, inner) {
      if (!inner) throw new ShapeError('the layer inside it is not known');
      const { outputs, weights } = inner.build(inputs);
      const [first, ...states] = outputs;
      const double = (s: Shape): Shape => s.map((n, i) => (i === s.length - 1 && n !== null ? 2 * n : n));
      const isSeparate = config.merge_mode === null;
      const merged = isSeparate ? [first, first] : [config.merge_mode === 'concat' ? double(first) : first];
      return {
        outputs: [...merged, ...states, ...states],
        weights: [...prefixed('forward', weights), ...prefixed('backward', weights)],
      };
    },
  },
  {
    className: 'SpectralNormalization',
    parameters: [
      ['layer', undefined],
      ['power_iterations', 1],
    ],
    build(_config, inputs, inner) {
      if (!inner) throw new ShapeError('the layer inside it is not known');
      const built = inner.build(inputs);
      const channels = built.weights[0]?.shape.at(-1) ?? 0;
      const vector: WeightSpec = {
        name: 'vector_u',
        shape: [1, channels],
        fanIn: 1,
        fanOut: channels,
        initializer: { className: 'TruncatedNormal', config: { mean: 0, stddev: 0.02, seed: null } },
        trainable: false,
      };
      return { outputs: built.outputs, weights: [...built.weights, vector] };
    },
  },
];
