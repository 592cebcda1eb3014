import type { DataSpec } from '../../common/dataSpec';
import type { LayerInfo, ModelSpec, Note, SourceRange, TrainingSpec } from '../../common/modelSpec';
import { toModelSpec } from '../keras/toModelSpec';
import type { SymbolicTensor } from '../keras/tensor';
import { findMember } from '../python/attributes';
import type { Value } from '../python/value';
import { inputNames } from './forwardPass';
import { describe, finalTrace, findInputShapes, type InputShapes } from './inputShape';
import { ModuleContainer } from './moduleContainer';
import { moduleKey, modulesIn, parametersIn } from './moduleTree';
import { TorchModule } from './torchModule';
import type { Candidate, TorchSession } from './torchSession';
import { TracedModel } from './tracedModel';
import { readLightning } from './training/lightning';

/** What is known of one model of the program. */
export function toSpec(session: TorchSession, candidate: Candidate, text: string, isOnly: boolean, isOneOfSeveral: boolean): ModelSpec {
  const { module, site } = candidate;
  const { machine } = session;
  const before = machine.notes.length;
  const range = rangeOf(candidate, isOneOfSeveral);
  if (module.kind === 'instance' && findMember(module.class, 'configure_optimizers')) readLightning(session, module);
  const input = findInputShapes(session, module, site, text);
  if (input?.reason) {
    const assumption = { key: `${describe(module)}.input_shape`, value: (input.shapes[0] ?? []).filter((n) => n !== null) };
    machine.note('info', 'assumed-input-shape', input.reason, range, assumption);
  }
  const model = traced(session, candidate, input, range);
  noteUnusedModules(session, module, model, range);
  const isAbout = aboutModel(module, range);
  const earlier = machine.notes.slice(0, before).filter((n) => !OF_ONE_MODEL.has(n.code) && isAbout(n));
  const notes = [...machine.notes.slice(before), ...earlier];
  const spec = toModelSpec(model, nameOf(candidate, isOneOfSeveral), notes, dataOf(session, input, isOnly));
  return {
    ...spec,
    layers: spec.layers.map((layer) => asTorchCounts(asTorchShape(layer, spec.layers))),
    totalParams: totalOf(module, spec),
    training: trainingOf(session, module, input, isOnly),
    trainable: spec.trainable && model.inputs.length === inputNames(module).length,
  };
}

/** Notes that say something of one model only, though others have the same lines. */
const OF_ONE_MODEL = new Set([
  'assumed-input-shape',
  'unknown-input-shape',
  'unused-layer',
  'cannot-build',
  'size-mismatch',
  'unknown-forward',
]);

function traced(session: TorchSession, { module, site }: Candidate, input: InputShapes | null, range: SourceRange): TracedModel {
  const shapes = input?.shapes ?? [];
  const { tracer, outputs, error } = finalTrace(session, module, shapes, site);
  if (!input) {
    session.keras.error(
      'unknown-input-shape',
      `The input shape of ${describe(module)} is not known, and its first layers don't tell. Call it with a sample in this file, such as ${describe(module)}()(torch.randn(1, 3, 32, 32)).`,
      range,
    );
  } else if (error) session.keras.error(error.code, error.message, error.range);
  for (const layer of tracer.helpers) Object.assign(layer, { source: null });
  const found = outputs.map((o) => o.keras);
  const last = tracer.nodes.at(-1)?.outputs[0];
  return new TracedModel(tracer, describe(module), range, found.length > 0 ? leaves(found) : last ? [last] : []);
}

/** Outputs that no other output is computed from: a network may hand its inner maps out as well. */
function leaves(outputs: SymbolicTensor[]): SymbolicTensor[] {
  const above = new Set<SymbolicTensor>();
  const visit = (tensor: SymbolicTensor): void => {
    for (const t of tensor.node.inputs) {
      if (above.has(t)) continue;
      above.add(t);
      visit(t);
    }
  };
  for (const t of outputs) visit(t);
  return [...new Set(outputs)].filter((t) => !above.has(t));
}

function rangeOf({ module, home }: Candidate, isOneOfSeveral: boolean): SourceRange {
  return module.kind === 'instance' && !isOneOfSeveral && module.class.range.file === undefined ? module.class.range : home;
}

/** The class's name, or its builder's where several build the same class. */
function nameOf({ module, builder }: Candidate, isOneOfSeveral: boolean): string {
  if (module.kind === 'instance') return (isOneOfSeveral ? builder : null) ?? module.class.name;
  return module.kind === 'host' && module.object instanceof ModuleContainer
    ? (module.object.variable?.name ?? builder ?? 'Sequential')
    : (builder ?? 'model');
}

/** The layer of a transposed convolution gives more than PyTorch's module does; the cropping behind it is a part of the module. */
function asTorchShape(layer: LayerInfo, layers: LayerInfo[]): LayerInfo {
  const cropping = layers.find((l) => l.source === null && l.name === `${layer.name}.cropping`);
  return cropping ? { ...layer, outputShape: cropping.outputShape } : layer;
}

/** Running statistics are no parameters in PyTorch. */
function asTorchCounts(layer: LayerInfo): LayerInfo {
  const params = layer.weights.filter((w) => !/^moving_/.test(w.name)).reduce((sum, w) => sum + w.shape.reduce((p, n) => p * n, 1), 0);
  return params === layer.params ? layer : { ...layer, params };
}

/** What `sum(p.numel() for p in model.parameters())` gives; lazy modules count as they are built. */
function totalOf(module: Value, spec: ModelSpec): number {
  const isLazy = modulesIn(module).some(
    ([, m]) => m.kind === 'host' && m.object instanceof TorchModule && /^Lazy/.test(m.object.definition.className),
  );
  if (isLazy) return spec.layers.reduce((sum, l) => sum + asTorchCounts(l).params, 0);
  return parametersIn(module).reduce((sum, [, p]) => sum + p.count, 0);
}

function noteUnusedModules(session: TorchSession, module: Value, model: TracedModel, range: SourceRange): void {
  const used = new Set(model.layers.map((l) => l.name));
  // A recurrent module is several layers, by the names of its weights.
  const isUsed = (path: string) => used.has(path) || [...used].some((name) => name.startsWith(`${path}.l0`));
  if (
    model.layers.length <= model.inputs.length ||
    session.machine.notes.some((n) => n.severity === 'error' && n.code !== 'unsupported-operation')
  )
    return;
  const unused = modulesIn(module).filter(
    ([path, m]) => m.kind === 'host' && m.object instanceof TorchModule && m.object.weights.length > 0 && !isUsed(path),
  );
  for (const [path, m] of unused.slice(0, 5)) {
    if (m.kind !== 'host' || !(m.object instanceof TorchModule)) continue;
    session.keras.inform(
      'unused-layer',
      `"${path}" has no effect on the output: its weights count, but are not trained.`,
      m.object.source ?? range,
    );
  }
}

/** Tells the notes that belong to a model: those inside its classes, and on the lines that made its modules. */
function aboutModel(module: Value, range: SourceRange): (note: Note) => boolean {
  const ranges = new Set([range]);
  for (const [, m] of modulesIn(module)) {
    if (m.kind === 'instance') ranges.add(m.class.range);
    else if (m.kind === 'host' && m.object instanceof TorchModule) ranges.add(m.object.source);
  }
  const isIn = ({ range: n }: Note, r: SourceRange) =>
    n.file === r.file && n.cell === r.cell && n.startLine >= r.startLine && n.endLine <= r.endLine;
  return (note) => [...ranges].some((r) => isIn(note, r));
}

function dataOf(session: TorchSession, input: InputShapes | null, isOnly: boolean): DataSpec | null {
  if (input?.data) return input.data.dataset.dataSpec(input.data.batchSize);
  const train = session.datasets.find((d) => d.isTrain) ?? session.datasets[0];
  return isOnly && train ? train.dataSpec(null) : null;
}

function trainingOf(session: TorchSession, module: Value, input: InputShapes | null, isOnly: boolean): TrainingSpec {
  const keys = new Set(modulesIn(module).flatMap(([, m]) => moduleKey(m) ?? []));
  const handles = new Set<object>(parametersIn(module).map(([, p]) => p));
  const isMine = (owners: ReadonlySet<object>) => [...owners].some((o) => keys.has(o) || handles.has(o));
  const optimizer = session.optimizers.find((o) => isMine(o.owners)) ?? (isOnly ? session.optimizers.at(0) : undefined);
  const key = moduleKey(module);
  const isSameLoss = new Set(session.losses.map((l) => l.spec.name)).size === 1;
  const loss = session.losses.find((l) => l.module === key) ?? (isOnly || isSameLoss ? session.losses.at(0) : undefined);
  const step = session.steps.find((s) => s.optimizer === optimizer) ?? null;
  return {
    optimizer: optimizer?.spec ?? null,
    loss: loss?.spec ?? null,
    metrics: [],
    epochs: step?.epochs ?? null,
    batchSize: input?.data?.batchSize ?? null,
    validationSplit: null,
    stepsPerEpoch: null,
    validationSteps: null,
    shuffle: null,
    compileRange: optimizer?.range ?? loss?.range ?? null,
    fitRange: step?.range ?? null,
  };
}
