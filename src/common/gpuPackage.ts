/** The npm package that gives access to a GPU, in the version that this program was tested with. */
export const GPU_PACKAGE = 'webgpu@0.6.2';
