import type { Shape, SourceRange } from '../../common/modelSpec';
import { callValue, plainArguments } from '../python/calls';
import { findMember } from '../python/attributes';
import { BudgetExceeded, PythonError } from '../python/machine';
import { NONE, host, unknown, type Arguments, type Value } from '../python/value';
import { modulePaths, modulesIn } from './moduleTree';
import { Probe, type Finding } from './probe';
import { tensorsOf } from './tensorMethods';
import { TorchModule } from './torchModule';
import type { TorchTensor } from './torchTensor';
import type { TorchSession } from './torchSession';
import { TraceError, Tracer } from './tracer';

/** One attempt to follow a model's forward pass. */
export interface Trace {
  tracer: Tracer;
  outputs: TorchTensor[];
  error: TraceError | null;
}

/** Steps that one forward pass may take at most. */
const STEPS = 120_000;

/** Parameters that a recurrent network gets beside its input: the states it begins with, and how long its sequences really are. */
const STATES =
  /^(h(idden|x|c)?|cell|memory)(_?(states?|prev|n|0|t))?s?$|^c_?(prev|n|0|t)$|^(prev|init|initial)_(h(idden)?|states?|hidden_states?)$|^states?$/i;
const LENGTHS = /len(gth)?s?$/i;

/** The parameters of a recurrent network's forward pass that are no data, with what stands for them. */
function besides(module: Value): Map<string, Value> {
  const found = new Map<string, Value>();
  if (module.kind !== 'instance') return found;
  const isRecurrent = modulesIn(module).some(
    ([, m]) => m.kind === 'host' && m.object instanceof TorchModule && /^(RNN|GRU|LSTM)(Cell)?$/.test(m.object.definition.className),
  );
  if (!isRecurrent) return found;
  for (const name of parametersOf(module).slice(1)) {
    if (STATES.test(name)) found.set(name, NONE);
    else if (LENGTHS.test(name)) found.set(name, unknown('how long each sequence is'));
  }
  return found;
}

/** The names of the inputs of a model's forward pass: its parameters without default, data only. */
export function inputNames(module: Value): string[] {
  const others = besides(module);
  return parametersOf(module).filter((name) => !others.has(name));
}

function parametersOf(module: Value): string[] {
  if (module.kind !== 'instance') return ['input'];
  const forward = findMember(module.class, 'forward')?.value;
  if (forward?.kind !== 'function') return ['input'];
  const names = forward.parameters.slice(1).filter((p) => p.kind === 'plain' && !forward.defaults.has(p.name));
  return names.length > 0 ? names.map((p) => p.name) : forward.parameters.slice(1, 2).map((p) => p.name);
}

/** Where a module's forward pass stands. */
function forwardRange(module: Value, site: SourceRange): SourceRange {
  const forward = module.kind === 'instance' ? findMember(module.class, 'forward')?.value : undefined;
  if (forward?.kind !== 'function') return site;
  const { startLine, startColumn } = forward.range;
  return { ...forward.range, endLine: startLine, endColumn: startColumn + 'def forward'.length };
}

function argumentsFor(module: Value, inputs: Value[], site: SourceRange): Arguments {
  const others = besides(module);
  if (others.size === 0) return plainArguments(inputs, site);
  const names = inputNames(module);
  return { ...plainArguments([], site), keywords: new Map([...inputs.map((v, i): [string, Value] => [names[i], v]), ...others]) };
}

/** Follows the forward pass over inputs of these PyTorch shapes. Never throws because of what the program does. */
export function trace(session: TorchSession, module: Value, shapes: Shape[], site: SourceRange): Trace {
  const { machine } = session;
  const tracer = new Tracer(session.keras, modulePaths(module));
  const names = inputNames(module);
  const inputs = shapes.map((shape, i) => tracer.input(names[i] ?? `input_${i}`, shape));
  machine.allowMore(STEPS);
  session.isTracing = true;
  const range = forwardRange(module, site);
  try {
    const result = callValue(module, argumentsFor(module, inputs.map(host), site), machine);
    const outputs = tensorsOf(result);
    if (outputs.length > 0) return { tracer, outputs, error: null };
    const why = result.kind === 'unknown' ? result.reason : `it gives ${result.kind === 'none' ? 'nothing' : `a ${result.kind}`}`;
    return {
      tracer,
      outputs: [],
      error: new TraceError('unknown-forward', `The forward pass can't be followed to its end: ${why}.`, range),
    };
  } catch (error) {
    if (error instanceof TraceError) return { tracer, outputs: [], error };
    if (error instanceof PythonError)
      return { tracer, outputs: [], error: new TraceError('program-raises', `The forward pass stops with ${error.type}.`, range) };
    if (error instanceof BudgetExceeded)
      return { tracer, outputs: [], error: new TraceError('too-long', 'The forward pass takes too many steps to be followed.', range) };
    throw error;
  } finally {
    session.isTracing = false;
  }
}

/** Sends stand-ins through the forward pass and reports what the first layers they meet need, one per input. */
export function probe(session: TorchSession, module: Value, site: SourceRange): Finding[] {
  const findings = inputNames(module).map((): Finding => ({ need: null, viewedAs: null }));
  const { machine } = session;
  const notes = machine.notes.length;
  machine.allowMore(STEPS);
  session.isTracing = true;
  try {
    callValue(
      module,
      argumentsFor(
        module,
        findings.map((f) => host(new Probe(f))),
        site,
      ),
      machine,
    );
  } catch (error) {
    if (!(error instanceof TraceError) && !(error instanceof PythonError) && !(error instanceof BudgetExceeded)) throw error;
  } finally {
    session.isTracing = false;
    machine.notes.length = notes;
  }
  return findings;
}
