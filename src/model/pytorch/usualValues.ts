import type { Expression } from '../python/ast';
import { callValue, plainArguments } from '../python/calls';
import { BudgetExceeded, PythonError, type Machine } from '../python/machine';
import { fieldsOf } from '../python/modules/argparse';
import { ownDefinitions, type Scope } from '../python/scope';
import { fromJson, usualValue as usualOfKeras } from '../keras/assumedValue';
import { bool, float, int, str, tuple, type ClassValue, type FunctionValue, type Value } from '../python/value';
import type { TorchSession } from './torchSession';

const CLASSES =
  /^(n|num|nb|no|number)?_?(of_)?(class(es)?|labels?|categories|out(put)?s?_?(nums?|classes))(_?num|_?nums|_count)?$|^class_num$|^n_?class(es)?$/i;
const CHANNELS = /^(in|input|img|image|num|nb|n)?_?(channels?|chans?|ch)(_in)?$|^(nc|c_in|in_c|n_channels|in_planes)$/i;
/** Sizes that modules of a network are made with, by the usual names of their parameters. */
const USUAL: [RegExp, number | boolean][] = [
  [/^(\w+_)?(drop_?out|drop)(_?(rate|prob|p|path))?s?$|^p(_?drop)?$/i, 0.5],
  [
    /^(c2|(out|output|mid|middle|hidden|inter|base|inner|bottleneck|reduce)_?(channels?|chans?|ch|c|planes|maps)(_?\d+)?|(out|mid|inner)_?c|(n_?)?planes|channels?_?out|c_?out|(\w+_)?(reduce|proj|red|out)_?\d*(x\d)?(_?(channels?|pool|proj))?)$/i,
    64,
  ],
  [
    /^(in|input)_?(features|size|dims?)$|^(n|num)_?(features|inputs)$|^(embed|emb|embedding|model|d_?model|n_?embd?|word)_?(dims?|size)?$|^dim$|^d_model$/i,
    64,
  ],
  [
    /^(hidden|hid|rnn|lstm|gru)_?(size|dims?|units|features|channels?|layer_size)?$|^(n|num)_?hidden$|^dim_feedforward$|^(ff|mlp)_?dim$/i,
    128,
  ],
  [
    /^(n|num)?_?(vocab(ulary)?|tokens?|words)(_?(size|len|num))?$|^(n|num)_?(tokens?|embeddings)$|^(input|src|trg|tgt)_vocab(_size)?$/i,
    10_000,
  ],
  [/^(n|num|nb)_?(heads?|layers?|blocks?|repeat)$|^(n|num)_(\w+_)?layers$|^depth$|^heads?$|^expansion$/i, 2],
  [/^(pad|padding|pad_token|unk|eos|sos|bos)_?(idx|index|id)$/i, 0],
  [/^(max_?)?(seq|sequence|block|context|target|max)_?(len|length|size)$|^max_position$/i, 64],
  [/^(bidirectional|bidirect|bias|residual|use_\w+|with_\w+|is_\w+)$/i, false],
  [/^(reduction|ratio|reduction_ratio|r)$/i, 16],
];

const SHAPE = /^(in|input|img|image|x)_?(shape|dims)$/i;

const CONFIG = /^_?(cfgs?|conf|config(s|uration)?|args|arguments|opts?|options|hparams|hp|params|model_(args|config|cfg)|settings)$/i;

/**
 * The settings that a class or function takes as one object: those of the file's own variable of that name, of its argument parser, or the
 * defaults of its class of settings.
 */
function settingsFor(session: TorchSession, name: string, scope: Scope): Value | null {
  const { machine } = session;
  const own = scope.get(name) ?? [...scope.own()].find(([n, v]) => CONFIG.test(n) && isSettings(v))?.[1];
  if (own && isSettings(own)) return own;
  for (const [defined, value] of ownDefinitions(scope)) {
    const isParser =
      value.kind === 'function' && /^(get|parse|build|make)_?(args|arguments|opts?|options|config|cfg|hparams|parser)$/i.test(defined);
    const isClass = value.kind === 'class' && /(Config|Args|Arguments|Options|HParams|Settings|Params)$/i.test(defined);
    if (!isParser && !isClass) continue;
    const made = tried(machine, value);
    if (made && isSettings(made)) return made;
  }
  return null;
}

function isSettings(value: Value): boolean {
  if (value.kind === 'dict') return value.entries.size > 0;
  return value.kind === 'instance' ? value.host === undefined : fieldsOf(value) !== undefined;
}

function tried(machine: Machine, callee: FunctionValue | ClassValue): Value | null {
  try {
    return callValue(callee, plainArguments([], callee.range), machine);
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded) return null;
    throw error;
  }
}

/** A value for a parameter that nothing in the file gives one, by the usual meaning of its name; null when there is none. */
export function usualValue(session: TorchSession, name: string, fn: FunctionValue, scope: Scope): Value | null {
  const [data] = session.datasets;
  if (CLASSES.test(name)) return int(data?.classCount ?? 10);
  if (CHANNELS.test(name)) return int(data?.imageShape?.[0] ?? 3);
  if (SHAPE.test(name)) return tuple((data?.imageShape ?? [3, 64, 64]).map(int));
  if (/^(num_?gpus?|ngpu)$/i.test(name)) return int(0);
  if (CONFIG.test(name)) return settingsFor(session, name, scope);
  const chosen = chosenFrom(name, fn, scope);
  if (chosen) return chosen;
  const [, usual] = USUAL.find(([pattern]) => pattern.test(name)) ?? [];
  if (usual !== undefined) return typeof usual === 'boolean' ? bool(usual) : Number.isInteger(usual) ? int(usual) : float(usual);
  const told = usualOfKeras(session.keras, name, 64);
  return typeof told === 'number' ? fromJson(told) : null;
}

/** The first of the alternatives that a function offers for a parameter: keys of a table it looks it up in, or texts it compares it to. */
function chosenFrom(name: string, fn: FunctionValue, scope: Scope): Value | null {
  for (const node of expressionsIn(fn.body)) {
    if (node.kind === 'subscript' && isName(node.index, name) && node.object.kind === 'name') {
      const table = scope.get(node.object.id);
      const [first] = table?.kind === 'dict' ? table.entries.values() : [];
      if (first) return first.key;
    }
    if (node.kind === 'compare' && node.operators[0] === '==' && isName(node.operands[0], name)) {
      const [, other] = node.operands;
      if (other.kind === 'string' && other.parts.every((p) => typeof p === 'string')) return str(other.parts.join(''));
      if (other.kind === 'int') return int(other.value);
    }
  }
  return null;
}

function isName(node: Expression, name: string): boolean {
  return node.kind === 'name' && node.id === name;
}

/** Whether a name or an attribute like this stands in a piece of syntax tree. */
export function mentions(node: unknown, pattern: RegExp): boolean {
  if (Array.isArray(node)) return node.some((item) => mentions(item, pattern));
  if (typeof node !== 'object' || node === null) return false;
  const { kind, id, name } = node as { kind?: string; id?: string; name?: string };
  if ((kind === 'name' && id !== undefined && pattern.test(id)) || (kind === 'attribute' && name !== undefined && pattern.test(name)))
    return true;
  return Object.entries(node).some(([key, value]) => key !== 'range' && mentions(value, pattern));
}

/** All expressions in a piece of syntax tree, in the order of the text. */
function* expressionsIn(node: unknown): Generator<Expression> {
  if (Array.isArray(node)) {
    for (const item of node) yield* expressionsIn(item);
  } else if (typeof node === 'object' && node !== null) {
    if ('kind' in node && (node.kind === 'subscript' || node.kind === 'compare')) yield node as Expression;
    for (const [key, value] of Object.entries(node)) if (key !== 'range') yield* expressionsIn(value);
  }
}
