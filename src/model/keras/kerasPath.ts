import type { Dialect } from '../../common/modelSpec';

const PREFIXES: [RegExp, 'tensorflow' | 'standalone'][] = [
  [
    /^tensorflow\.(?:compat\.v[12]\.)?(?:_api\.v\d\.)?(?:python\.|contrib\.)?keras(?:\._impl\.keras|\.python\.keras|\.api)?(?:\.|$)/,
    'tensorflow',
  ],
  [/^tf_keras(?:\.src|\.api)?(?:\.|$)/, 'tensorflow'],
  [/^keras(?:\.src|\.api(?:\._v2\.keras)?)?(?:\.|$)/, 'standalone'],
];

/** A dotted name inside Keras, whichever package it came from; null for other names. */
export function kerasPath(path: string): { name: string; isTensorflow: boolean } | null {
  for (const [prefix, from] of PREFIXES) {
    const match = prefix.exec(path);
    if (match) return { name: path.slice(match[0].length), isTensorflow: from === 'tensorflow' };
  }
  return null;
}

const KERAS_1 =
  /\b(nb_epoch|border_mode|subsample|nb_filter|nb_row|dim_ordering|samples_per_epoch|nb_val_samples|W_regularizer|b_regularizer|W_constraint|inner_init|output_dim\s*=\s*\w+\s*,\s*(?:init|activation|input_dim)|Convolution[123]D\([^()]*,\s*\d+\s*,\s*\d+)\b|\bmerge\(\s*\[[^\]]*\][^)]*mode\s*=|\binit\s*=\s*['"]/;
const KERAS_3 =
  /\bkeras\.(ops|saving|random|utils\.(image_dataset_from_directory|set_random_seed|PyDataset)|layers\.(Random\w+|Rescaling|Resizing|TFSMLayer)|src|KerasTensor)\b|KERAS_BACKEND|from keras import (?:[\w, ]*\b)?(ops|Input|saving)\b|from keras\.layers import[^\n]*\b(Random\w+|Rescaling|Resizing)\b|\.keras['"]|\bkeras_(hub|cv|nlp)\b/;
const KERAS_2_ONLY =
  /\b(fit_generator|predict_classes|keras\.backend\.tensorflow_backend|keras\.utils\.np_utils|np_utils|predict_generator|evaluate_generator)\b|\blr\s*=/;

/** Which Keras a text is written for when it imports plain `keras`: told by the names that only one era has. */
export function standaloneEra(text: string): Dialect {
  if (KERAS_1.test(text)) return 'keras1';
  if (KERAS_3.test(text) && !KERAS_2_ONLY.test(text)) return 'keras3';
  return 'keras2';
}
