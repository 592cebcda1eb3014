import type { WeightFormat } from './weightFile';

const FORMATS: Record<WeightFormat, string> = {
  safetensors: 'SafeTensors',
  npy_npz: 'NumPy',
  keras_h5: 'Keras HDF5',
  keras_v3: 'Keras 3',
  hdf5: 'HDF5',
  pytorch: 'PyTorch',
  onnx: 'ONNX',
  tfjs: 'TensorFlow.js',
  savedmodel: 'TensorFlow SavedModel',
  tf_checkpoint: 'TensorFlow checkpoint',
  tflite: 'TensorFlow Lite',
  gguf: 'GGUF',
  caffe: 'Caffe',
  pickle_numpy: 'Pickle with NumPy arrays',
};

/** A format's name for people. */
export function formatName(format: WeightFormat): string {
  return FORMATS[format];
}
