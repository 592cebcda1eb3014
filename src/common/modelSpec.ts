import type { DataSpec } from './dataSpec';
import type { JsonObject, JsonValue } from './json';

/** A stretch of source text: zero-based lines and UTF-16 columns, end exclusive (the same convention as VS Code). */
export interface SourceRange {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
  /** Zero-based notebook cell; lines then count within the cell. Absent in plain files. */
  cell?: number;
  /** Another file of the workspace that the stretch is in: its absolute path, `/`-separated. Absent in the file that was read itself. */
  file?: string;
}

/** Which framework's defaults and spellings a source follows; decides learning rates, epsilon, `Conv2D(32, 3, 3)` and more. */
export type Dialect = 'keras1' | 'keras2' | 'tf.keras' | 'keras3' | 'pytorch' | 'tfjs' | 'topology-json';

export type NoteSeverity = 'error' | 'warning' | 'info';

/** Everything a reader ignored, guessed or approximated. Shown as a diagnostic at `range`, never hidden. */
export interface Note {
  severity: NoteSeverity;
  /** Stable machine name, kebab-case, such as `unknown-argument`. */
  code: string;
  /** One or two sentences: what is wrong or was assumed, and what the person can do. */
  message: string;
  range: SourceRange;
  /** There when a value was assumed: ask the person for it, and hand the answer to the reader as `ReadOptions.assumptions[key]`. */
  assumption?: Assumption;
}

/** A value that the source does not say. */
export interface Assumption {
  /** Stable while the file is edited, such as `build_model.num_classes`. */
  key: string;
  /** What was assumed, and is offered. */
  value: JsonValue;
}

/** A tensor shape; `null` stands for a size that is not fixed, such as the batch. */
export type Shape = (number | null)[];

/** An initialiser as the file says it, in Keras's class names, with the dialect's defaults filled in. */
export interface InitializerSpec {
  /** Keras class name (`GlorotUniform`, `HeNormal`, `Zeros`, …) or `TorchKaimingUniform`, `TorchBiasUniform`. */
  className: string;
  config: JsonObject;
}

/** One variable of a layer. */
export interface WeightSpec {
  /** Keras's short name: `kernel`, `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`, `depthwise_kernel`, … */
  name: string;
  /** In the Keras layout: conv kernels [kh, kw, cin, filters], dense kernels [inputs, units]. */
  shape: number[];
  /** fan_in and fan_out as the initialiser counts them. */
  fanIn: number;
  fanOut: number;
  initializer: InitializerSpec;
  trainable: boolean;
}

/** What is known of one layer without building it. */
export interface LayerInfo {
  /** Unique in the model; inside a nested model `outer/inner`. */
  name: string;
  /** Keras 2 class name: `Conv2D`, `Dense`, … */
  className: string;
  /** Keras 2 configuration, snake_case, as in the topology. */
  config: JsonObject;
  /** Names of the layers whose outputs this layer reads (of its first node). */
  inputs: string[];
  /** Shape of the first output, beginning with `null` for the batch. */
  outputShape: Shape;
  params: number;
  trainableParams: number;
  weights: WeightSpec[];
  /** Where the layer's call stands in the source; null if it has no place there (an implied input layer, say). */
  source: SourceRange | null;
}

/** A Keras topology: `{class_name: 'Sequential' | 'Functional', config: {name, layers: [...]}}` in Keras 2 form (`batch_input_shape`, inbound_nodes as arrays). */
export interface KerasTopology {
  class_name: 'Sequential' | 'Functional';
  config: JsonObject;
}

export interface OptimizerSpec {
  /** Keras class name: `SGD`, `Adam`, `RMSprop`, `Adagrad`, `Adadelta`, `Adamax`, `Nadam`, `AdamW`, `Ftrl`. */
  className: string;
  /** Keras names (`learning_rate`, `beta_1`, `momentum`, `clipnorm`, …), the dialect's defaults filled in. */
  config: JsonObject;
}

export interface LossSpec {
  /** Snake-case Keras name: `categorical_crossentropy`, `sparse_categorical_crossentropy`, `binary_crossentropy`, `mean_squared_error`, … */
  name: string;
  /** True when the model's output is logits, not probabilities. */
  fromLogits: boolean;
  config: JsonObject;
}

/** compile() and fit(), as far as the file says them; null means the file does not say. */
export interface TrainingSpec {
  optimizer: OptimizerSpec | null;
  /** Of the first output, where there are several. */
  loss: LossSpec | null;
  /** Of every output, in the model's order; only where there are several. */
  outputLosses?: { loss: LossSpec | null; weight: number }[];
  metrics: string[];
  epochs: number | null;
  batchSize: number | null;
  validationSplit: number | null;
  stepsPerEpoch: number | null;
  validationSteps: number | null;
  shuffle: boolean | null;
  compileRange: SourceRange | null;
  fitRange: SourceRange | null;
}

/** What a model source says of one model, framework-neutral. */
export interface ModelSpec {
  /** The variable's, function's or class's name in the file. */
  name: string;
  dialect: Dialect;
  /** Where the model begins (the `Sequential()` call, the class, …): CodeLens goes above this line. */
  range: SourceRange;
  topology: KerasTopology;
  /** In topological order; nested models flattened. Input layers are included when the source or the functional form has them. */
  layers: LayerInfo[];
  totalParams: number;
  /** One shape per model input, beginning with `null` for the batch. */
  inputShapes: Shape[];
  outputShapes: Shape[];
  training: TrainingSpec;
  data: DataSpec;
  /** Notes about this model. */
  notes: Note[];
  /** False when the model can be shown but not trained (an unsupported layer, an unknown shape): `notes` then has the error. */
  trainable: boolean;
}

/** A reader's whole answer for one file. */
export interface ModelSource {
  dialect: Dialect | null;
  models: ModelSpec[];
  /** Notes that belong to no model. */
  notes: Note[];
  /** Other files and folders that were read for the answer, by their absolute paths: when one changes, the answer may. */
  imports?: string[];
}
