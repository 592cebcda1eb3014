import type { JsonObject } from '../../../common/json';
import type { Shape } from '../../../common/modelSpec';
import { plain, type LayerDefinition } from '../layerDefinition';
import { numberIn, requireRank } from '../shapes';

const same = (_config: JsonObject, input: Shape): Shape => input;

function resized(config: JsonObject, input: Shape): Shape {
  requireRank(input, 3, 4);
  const at = input.length - 3;
  return input.map((n, i) => (i === at ? numberIn(config, 'height') : i === at + 1 ? numberIn(config, 'width') : n));
}

const FILL: LayerDefinition['parameters'] = [
  ['fill_mode', 'reflect'],
  ['interpolation', 'bilinear'],
  ['seed', null],
  ['fill_value', 0],
];

/** What turns texts and categories into numbers: its tables come from data, so that it can be shown only. */
const fromData = { untrainable: 'it works on texts or categories, with tables that come from data' };

/** `TextVectorization` and its like. */
export const vocabularyLayers: LayerDefinition[] = [
  plain(
    'TextVectorization',
    [
      ['max_tokens', null],
      ['standardize', null],
      ['split', null],
      ['ngrams', null],
      ['output_mode', 'int'],
      ['output_sequence_length', null],
      ['pad_to_max_tokens', false],
      ['vocabulary', null],
    ],
    (config) => [
      null,
      typeof (config.output_mode === 'int' ? config.output_sequence_length : config.max_tokens) === 'number'
        ? Number(config.output_mode === 'int' ? config.output_sequence_length : config.max_tokens)
        : null,
    ],
    fromData,
  ),
  ...['StringLookup', 'IntegerLookup', 'Discretization', 'Hashing'].map((name) => plain(name, [], same, fromData)),
  plain(
    'CategoryEncoding',
    [['num_tokens', null]],
    (config) => [null, typeof config.num_tokens === 'number' ? config.num_tokens : null],
    fromData,
  ),
];

/** Layers that change images before the network sees them; the random ones do so in training only. */
export const preprocessingLayers: LayerDefinition[] = [
  plain(
    'Rescaling',
    [
      ['scale', undefined],
      ['offset', 0],
    ],
    same,
  ),
  plain(
    'Resizing',
    [
      ['height', undefined],
      ['width', undefined],
      ['interpolation', 'bilinear'],
      ['crop_to_aspect_ratio', false],
    ],
    resized,
  ),
  plain(
    'CenterCrop',
    [
      ['height', undefined],
      ['width', undefined],
    ],
    resized,
  ),
  plain(
    'RandomCrop',
    [
      ['height', undefined],
      ['width', undefined],
      ['seed', null],
    ],
    resized,
  ),
  plain(
    'RandomFlip',
    [
      ['mode', 'horizontal_and_vertical'],
      ['seed', null],
    ],
    same,
  ),
  plain('RandomRotation', [['factor', undefined], ...FILL], same),
  plain('RandomZoom', [['height_factor', undefined], ['width_factor', null], ...FILL], same),
  plain('RandomTranslation', [['height_factor', undefined], ['width_factor', undefined], ...FILL], same),
  plain(
    'RandomContrast',
    [
      ['factor', undefined],
      ['seed', null],
    ],
    same,
  ),
  plain(
    'RandomBrightness',
    [
      ['factor', undefined],
      ['value_range', [0, 255]],
      ['seed', null],
    ],
    same,
  ),
];
