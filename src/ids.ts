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
  saveWeights: 'kernelscope.saveWeights',
  startFromWeights: 'kernelscope.startFromWeights',
  setSeed: 'kernelscope.setSeed',
  chooseData: 'kernelscope.chooseData',
  openRun: 'kernelscope.openRun',
  compareSeeds: 'kernelscope.compareSeeds',
  exportReport: 'kernelscope.exportReport',
  openGlossary: 'kernelscope.openGlossary',
  openSample: 'kernelscope.openSample',
  revealLayer: 'kernelscope.revealLayer',
  showLog: 'kernelscope.showLog',
  profileStep: 'kernelscope.profileStep',
  installGpuSupport: 'kernelscope.installGpuSupport',
  openWeights: 'kernelscope.openWeights',
  compareWeights: 'kernelscope.compareWeights',
  openWeightFilm: 'kernelscope.openWeightFilm',
  compareMoments: 'kernelscope.compareMoments',
} as const;

/** Run only by links and clicks of this extension; they need arguments, so the palette does not list them. */
export const InternalCommands = {
  selectLayer: 'kernelscope.selectLayer',
  openLayer: 'kernelscope.openLayer',
  setAssumption: 'kernelscope.setAssumption',
} as const;

export const Views = {
  container: 'kernelscope',
  layers: 'kernelscope.layers',
  gallery: 'kernelscope.gallery',
  panel: 'kernelscope.panel',
  seeds: 'kernelscope.seeds',
  weightEditor: 'kernelscope.weights',
  weightEditorOptional: 'kernelscope.weightsOptional',
  weightPanel: 'kernelscope.weightPanel',
} as const;

export const Settings = {
  dataFolder: 'kernelscope.dataFolder',
  seed: 'kernelscope.seed',
  backend: 'kernelscope.backend',
  webgpuModule: 'kernelscope.webgpuModule',
  maxFramesPerSecond: 'kernelscope.maxFramesPerSecond',
  codeLens: 'kernelscope.codeLens',
  hover: 'kernelscope.hover',
  trainOnStartup: 'kernelscope.trainOnStartup',
} as const;

/** Keys for `when` clauses. */
export const ContextKeys = {
  /** The active editor's file defines at least one model. */
  hasModel: 'kernelscope.hasModel',
  /** A run is open, live or finished. */
  hasRun: 'kernelscope.hasRun',
  /** `none` or the RunPhase of the open run. */
  phase: 'kernelscope.phase',
} as const;

export const Walkthroughs = { firstKernels: 'kernelscope.firstKernels' } as const;

/** `source` of every diagnostic. */
export const DIAGNOSTIC_SOURCE = 'kernelscope';
