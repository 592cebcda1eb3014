import { encodeTensors } from '../../common/safetensors';
import { kerasWeights } from './kerasWeights';
import { npzFile } from './npzFile';
import { tensorName, type SavedFile, type SavedModel } from './savedModel';
import { tfjsFiles } from './tfjsFiles';

/** The formats a run's weights can be saved in, with the usual end of the file's name. */
export const saveFormats = {
  keras: { ending: '.weights.h5', title: 'Keras weights', how: "model.load_weights('model.weights.h5')" },
  safetensors: { ending: '.safetensors', title: 'SafeTensors', how: "safetensors.numpy.load_file('model.safetensors')" },
  tfjs: { ending: '/model.json', title: 'TensorFlow.js model', how: "tf.loadLayersModel('model.json')" },
  npz: { ending: '.npz', title: 'NumPy archive', how: "numpy.load('model.npz')" },
} as const;

export type SaveFormat = keyof typeof saveFormats;

/**
 * The files of a model in one of the formats. TensorFlow.js needs several, in a folder; the others are one file, called `name`.
 * @throws Error when the format cannot hold the model.
 */
export async function saveModel(model: SavedModel, format: SaveFormat, name: string): Promise<SavedFile[]> {
  switch (format) {
    case 'keras':
      return [{ name, bytes: await kerasWeights(model) }];
    case 'npz':
      return [{ name, bytes: npzFile(model) }];
    case 'tfjs':
      return tfjsFiles(model);
    case 'safetensors': {
      const tensors = model.tensors.map((t) => ({ name: tensorName(t), shape: t.shape, values: t.values }));
      return [{ name, bytes: new Uint8Array(encodeTensors(tensors, { format: 'keras', model: model.name })) }];
    }
  }
}
