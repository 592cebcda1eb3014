/** Every command, view, setting and context key once; a test compares them with package.json. */
export const Commands = {
  trainCnn: 'kernelscope.trainCnn',
  openPanel: 'kernelscope.openPanel',
  pause: 'kernelscope.pause',
  resume: 'kernelscope.resume',
  stepOnce: 'kernelscope.stepOnce',
  stop: 'kernelscope.stop',
  rewind: 'kernelscope.rewind',
  restartWithNewSeed: 'kernelscope.restartWithNewSeed',
  chooseData: 'kernelscope.chooseData',
  openRun: 'kernelscope.openRun',
  showLog: 'kernelscope.showLog',
} as const;

export const Views = {
  container: 'kernelscope',
  layers: 'kernelscope.layers',
  gallery: 'kernelscope.gallery',
  panel: 'kernelscope.panel',
  weightEditor: 'kernelscope.weights',
} as const;
