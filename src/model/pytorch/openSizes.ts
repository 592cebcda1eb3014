import { int, type Arguments, type Value } from '../python/value';
import { moduleDefinition } from './moduleTable';
import type { TorchSession } from './torchSession';

interface OpenSize {
  name: string;
  at: number;
  usual: number;
}

/** Sizes that often come from outside of a file, such as from the number of folders: where they stand in the call. */
const FILTERS: OpenSize = { name: 'out_channels', at: 1, usual: 64 };
const SIZES: Record<string, OpenSize[]> = {
  Linear: [{ name: 'out_features', at: 1, usual: 10 }],
  LazyLinear: [{ name: 'out_features', at: 0, usual: 10 }],
  Conv1d: [FILTERS],
  Conv2d: [FILTERS],
  Conv3d: [FILTERS],
  Embedding: [
    { name: 'num_embeddings', at: 0, usual: 10_000 },
    { name: 'embedding_dim', at: 1, usual: 64 },
  ],
};

/** Modules that PyTorch also has in a form that takes this size from its first input. */
const TAKEN_FROM_INPUT: [RegExp, string][] = [
  [/^Conv[123]d$/, 'in_channels'],
  [/^Linear$/, 'in_features'],
  [/^BatchNorm[12]d$/, 'num_features'],
];

/**
 * The lazy form of a module whose input size is not known: the size follows from what the module is given.
 * @returns the class and its arguments; those given where the size is known, or there is no such form
 */
export function takenFromInput(session: TorchSession, className: string, args: Arguments): { className: string; args: Arguments } {
  const size = TAKEN_FROM_INPUT.find(([pattern]) => pattern.test(className))?.[1];
  const lazy = `Lazy${className}`;
  const given = size === undefined ? undefined : (args.keywords.get(size) ?? args.positional.at(0));
  if (size === undefined || given?.kind !== 'unknown' || args.hasUnknownSpread || !moduleDefinition(lazy)) return { className, args };
  if (!session.isTracing)
    session.keras.inform(
      'size-from-input',
      `The ${size} of this ${className} is not known (${given.reason}); it is taken from what the module is given.`,
      args.site,
    );
  const keywords = new Map([...args.keywords].filter(([name]) => name !== size));
  return { className: lazy, args: { ...args, keywords, positional: args.keywords.has(size) ? args.positional : args.positional.slice(1) } };
}

/** The arguments of a module's constructor with sizes that are not known replaced by what was told, else by a usual one that is asked for. */
export function completeSize(session: TorchSession, className: string, args: Arguments): Arguments {
  const sizes = Object.hasOwn(SIZES, className) && !session.isTracing ? SIZES[className] : [];
  return sizes.reduce((known, size) => completeOne(session, className, known, size), args);
}

function completeOne(session: TorchSession, className: string, args: Arguments, size: OpenSize): Arguments {
  const given = args.keywords.get(size.name) ?? args.positional.at(size.at);
  if (given?.kind !== 'unknown') return args;
  const usual = size.name === 'out_features' ? (session.datasets.find((d) => d.classCount)?.classCount ?? size.usual) : size.usual;
  const told = session.keras.assume(
    session.sizeKey(className, size.name, args.site),
    usual,
    `The ${size.name} of this ${className} is not known (${given.reason})`,
    args.site,
  );
  const value: Value = int(typeof told === 'number' ? told : usual);
  if (args.keywords.has(size.name)) return { ...args, keywords: new Map([...args.keywords, [size.name, value]]) };
  return { ...args, positional: args.positional.map((v, i) => (i === size.at ? value : v)) };
}
