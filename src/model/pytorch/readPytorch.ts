import type { JsonValue } from '../../common/json';
import type { ModelSource, ModelSpec } from '../../common/modelSpec';
import { externalBase } from '../python/attributes';
import { Machine } from '../python/machine';
import type { ParsedPython } from '../python/parsePython';
import { parsePython } from '../python/parsePython';
import { runProgram } from '../python/runProgram';
import { ownDefinitions, type Scope } from '../python/scope';
import { composedProgram, usesComposed } from './composed/buildComposed';
import { findModels } from './findModels';
import { TorchFrontend } from './frontend';
import { ModuleContainer } from './moduleContainer';
import { childModules } from './moduleTree';
import { TorchSession, type Candidate } from './torchSession';
import { toSpec } from './toSpec';
import { torchvisionProgram } from './torchvision/buildModel';

/** Whether a Python text is written for PyTorch. */
export function isPytorch(text: string): boolean {
  return /^[ \t]*(?:import|from)[ \t]+(?:torch|torchvision|pytorch_lightning|lightning)\b/m.test(text) || /\bnn\.Module\b/.test(text);
}

/** Reads the PyTorch models of a Python text. */
export async function readPytorch(text: string, assumptions: Readonly<Record<string, JsonValue>> = {}): Promise<ModelSource> {
  return readParsedPytorch(await parsePython(text), text, new Machine([], assumptions));
}

/** Reads the PyTorch models of a parsed program; `text`, its own and its imports', is searched for what names the size of its images. */
export async function readParsedPytorch(parsed: ParsedPython, text: string, machine: Machine): Promise<ModelSource> {
  const usesTorchvision = /\btorchvision\b[\s\S]*\bmodels\b|torch\.hub/.test(text);
  const session = new TorchSession(
    machine,
    usesTorchvision ? await torchvisionProgram() : null,
    usesComposed(text) ? await composedProgram() : null,
  );
  machine.frontends.push(new TorchFrontend(session));
  const scope = runProgram(parsed, machine);
  const models = specsOf(session, findModels(session, scope), text);
  if (models.length === 0) noteNothing(session, scope, text);
  const used = new Set(models.flatMap((m) => m.notes));
  return { dialect: models.length > 0 ? 'pytorch' : null, models, notes: machine.notes.filter((n) => !used.has(n)) };
}

function specsOf(session: TorchSession, candidates: Candidate[], text: string): ModelSpec[] {
  const isOneOfSeveral = (c: Candidate) =>
    candidates.some((o) => o !== c && o.module.kind === 'instance' && c.module.kind === 'instance' && o.module.class === c.module.class);
  const isOnly = candidates.length === 1;
  return candidates.flatMap((c) => {
    const spec = toSpec(session, c, text, isOnly, isOneOfSeveral(c));
    if (spec.layers.length > 1 || spec.outputShapes.length > 0) return [spec];
    // A wrapper around networks that does something else with them: the networks themselves can be shown.
    const inner = partsOf(c).map((part) => toSpec(session, part, text, false, false));
    const built = inner.filter((s) => s.notes.every((n) => n.severity !== 'error'));
    return built.length > 0 ? built : [spec];
  });
}

/** The networks right inside a module: modules with a forward pass of their own and sequences. */
function partsOf({ module, site, home, builder }: Candidate): Candidate[] {
  return childModules(module).flatMap(([name, m]): Candidate[] => {
    if (m.kind === 'instance') return [{ module: m, site: m.site, home, isImported: false, builder }];
    if (m.kind !== 'host' || !(m.object instanceof ModuleContainer) || m.object.type !== 'Sequential') return [];
    m.object.didAssign(name, true);
    return [{ module: m, site: m.object.source ?? site, home, isImported: false, builder }];
  });
}

/** Says why there is no model in a PyTorch file. */
function noteNothing(session: TorchSession, scope: Scope, text: string): void {
  const { machine } = session;
  const classes = ownDefinitions(scope).flatMap(([, v]) => (v.kind === 'class' && externalBase(v, machine) !== null ? [v] : []));
  for (const cls of classes) {
    const made = session.candidates.find((c) => c.module.kind === 'instance' && c.module.class === cls)?.module;
    const lost = made?.kind === 'instance' ? [...made.fields].find(([, v]) => v.kind === 'unknown') : undefined;
    const why = lost?.[1].kind === 'unknown' ? ` Its "${lost[0]}" is not known: ${lost[1].reason}.` : '';
    session.keras.warn('no-layers', `The layers of ${cls.name} are not in this file.${why}`, cls.range);
  }
  if (classes.length > 0) return;
  const isForeign = /torchvision[\s\S]{0,40}\bmodels\b|\btimm\b/.test(text);
  const why = isForeign ? ' Its network comes from another package, whose layers are not in this file.' : '';
  session.keras.inform('no-model', `This file uses PyTorch but defines no nn.Module or nn.Sequential that could be shown.${why}`, NOWHERE);
}

const NOWHERE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };
