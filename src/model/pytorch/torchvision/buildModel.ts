import type { SourceRange } from '../../../common/modelSpec';
import type { Statement } from '../../python/ast';
import { callValue } from '../../python/calls';
import { executeBlock } from '../../python/execute';
import type { Machine } from '../../python/machine';
import { parsePython } from '../../python/parsePython';
import { Scope } from '../../python/scope';
import { numberOf, str, type Arguments, type Value } from '../../python/value';
import type { TorchSession } from '../torchSession';
import { MODELS_SOURCE } from './modelsSource';

const NAMES =
  /^(alexnet|vgg(11|13|16|19)(_bn)?|resnet(18|34|50|101|152)|wide_resnet(50|101)_2|resnext50_32x4d|resnext101_32x8d|squeezenet1_[01]|mobilenet_v2|densenet(121|161|169|201))$/;

let parsed: Promise<Statement[]> | null = null;

/** The syntax tree of torchvision's networks; parsed once. */
export function torchvisionProgram(): Promise<Statement[]> {
  return (parsed ??= parsePython(MODELS_SOURCE).then((p) => p.body));
}

/** A network of torchvision.models, as if the program defined it at the call; undefined for networks that are not known here. */
export function buildTorchvision(session: TorchSession, name: string, args: Arguments, machine: Machine): Value | undefined {
  if (!session.torchvision || !NAMES.test(name)) return undefined;
  const scope = new Scope(null, machine.journal);
  machine.allowMore(80_000);
  executeBlock(placedAt(session.torchvision, args.site), scope, machine);
  const build = scope.get('build');
  if (!build) return undefined;
  const keywords = new Map([...args.keywords].filter(([k]) => k === 'num_classes' || k === 'dropout'));
  const result = callValue(build, { ...args, positional: [str(name)], keywords }, machine);
  if (result.kind !== 'instance') return undefined;
  session.usesTorchvision = true;
  // It goes by the name of the function that made it.
  result.class = { ...result.class, name };
  const weights = args.keywords.get('weights') ?? args.keywords.get('pretrained') ?? args.positional[0];
  const isPretrained = weights !== undefined && weights.kind !== 'none' && numberOf(weights) !== 0;
  if (isPretrained) {
    session.keras.inform(
      'no-pretrained-weights',
      `${name} begins with random values here: its trained weights are not in the workspace.`,
      args.site,
    );
  }
  return result;
}

/** A copy of a program that stands, all of it, at one place of the file. */
export function placedAt<T>(node: T, range: SourceRange): T {
  if (Array.isArray(node)) return node.map((item: unknown) => placedAt(item, range)) as T;
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === 'range' ? range : placedAt(value, range)])) as T;
}
