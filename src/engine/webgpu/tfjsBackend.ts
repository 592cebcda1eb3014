/** TensorFlow.js's WebGPU backend, bundled apart (`dist/webgpu.js`): only who trains on a GPU loads it. */
export { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
