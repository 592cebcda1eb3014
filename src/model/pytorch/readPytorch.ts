import type { JsonValue } from '../../common/json';
import type { ModelSource } from '../../common/modelSpec';
import type { Frontend } from '../python/hostObject';
import { Machine } from '../python/machine';
import type { ParsedPython } from '../python/parsePython';
import { parsePython } from '../python/parsePython';
import { runProgram } from '../python/runProgram';
import { findModels } from './findModels';
import { TorchFrontend } from './frontend';
import { TorchSession } from './torchSession';
import { toSpec } from './toSpec';

/** Whether a Python text is written for PyTorch. */
export function isPytorch(text: string): boolean {
  return /^[ \t]*(?:import|from)[ \t]+(?:torch|torchvision|pytorch_lightning|lightning)\b/m.test(text) || /\bnn\.Module\b/.test(text);
}

/** Reads the PyTorch models of a Python text. */
export async function readPytorch(text: string, assumptions: Readonly<Record<string, JsonValue>> = {}): Promise<ModelSource> {
  return readParsedPytorch(await parsePython(text), text, assumptions);
}

/** Reads the PyTorch models of a parsed program; `text` is searched for what names the size of its images. */
export function readParsedPytorch(parsed: ParsedPython, text: string, assumptions: Readonly<Record<string, JsonValue>> = {}): ModelSource {
  const frontends: Frontend[] = [];
  const machine = new Machine(frontends, assumptions);
  const session = new TorchSession(machine);
  frontends.push(new TorchFrontend(session));
  const scope = runProgram(parsed, machine);
  const candidates = findModels(session, scope);
  const models = candidates.map((c) => toSpec(session, c, text, candidates.length === 1));
  const used = new Set(models.flatMap((m) => m.notes));
  return { dialect: models.length > 0 ? 'pytorch' : null, models, notes: machine.notes.filter((n) => !used.has(n)) };
}
