import type { Statement } from '../../python/ast';
import { callValue } from '../../python/calls';
import { executeBlock } from '../../python/execute';
import type { Machine } from '../../python/machine';
import { parsePython } from '../../python/parsePython';
import { Scope } from '../../python/scope';
import type { Arguments, Value } from '../../python/value';
import { placedAt } from '../torchvision/buildModel';
import type { TorchSession } from '../torchSession';
import { TRANSFORMER_SOURCE } from './transformerSource';

const NAMES = new Set(['TransformerEncoderLayer', 'TransformerEncoder']);

let parsed: Promise<Statement[]> | null = null;

/** Whether a program uses modules of `torch.nn` that are made of others. */
export function usesComposed(text: string): boolean {
  return /\bTransformerEncoder/.test(text);
}

/** The syntax tree of those modules; parsed once. */
export function composedProgram(): Promise<Statement[]> {
  return (parsed ??= parsePython(TRANSFORMER_SOURCE).then((p) => p.body));
}

/** A module of `torch.nn` that is made of others, as if the program defined it at the call; undefined for all others. */
export function buildComposed(session: TorchSession, name: string, args: Arguments, machine: Machine): Value | undefined {
  if (!session.composed || !NAMES.has(name)) return undefined;
  const scope = new Scope(null, machine.journal);
  machine.allowMore(20_000);
  executeBlock(placedAt(session.composed, args.site), scope, machine);
  const made = scope.get(name);
  return made && callValue(made, args, machine);
}
