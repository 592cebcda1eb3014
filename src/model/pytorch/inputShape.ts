import type { Shape, SourceRange } from '../../common/modelSpec';
import type { Value } from '../python/value';
import { numberOf } from '../python/value';
import { inputNames, probe, trace, type Trace } from './forwardPass';
import type { LoaderOrigin } from './data/dataLoader';
import { moduleKey } from './moduleTree';
import type { Finding } from './probe';
import type { InputSide, TorchSession } from './torchSession';
import { SizeMismatch } from './tracer';

/** The shapes of a model's inputs in PyTorch's order, and how they are known. */
export interface InputShapes {
  shapes: Shape[];
  /** A sentence for the note; null when the program itself says the shape. */
  reason: string | null;
  data: LoaderOrigin | null;
}

/** Sides of square images that data sets and published networks use, commonest first. */
const SIDES = [
  32, 28, 224, 64, 128, 96, 256, 299, 48, 150, 160, 112, 100, 512, 227, 24, 16, 84, 80, 50, 40, 30, 60, 120, 180, 200, 300, 384, 400,
];

/** Finds the input shapes of a model: from its calls, the file's data, or what its layers need. Null when nothing tells. */
export function findInputShapes(session: TorchSession, module: Value, site: SourceRange, text: string): InputShapes | null {
  const names = inputNames(module);
  const told = session.machine.assumptions[`${describe(module)}.input_shape`];
  const cls = module.kind === 'instance' ? module.class : module.kind === 'host' ? module.object : session;
  const findings = session.findings.get(cls) ?? probe(session, module, site);
  session.findings.set(cls, findings);
  const isTimeFirst = findings.map((f) => isSequence(f) && f.isTimeFirst === true);
  if (Array.isArray(told) && told.every((n) => typeof n === 'number')) {
    const shape: Shape = isTimeFirst[0] ? [told[0], null, ...told.slice(1)] : [null, ...told];
    return { shapes: [shape], reason: null, data: null };
  }
  const calls = session.calls.filter((c) => c.module === moduleKey(module));
  for (const call of calls) {
    const shapes = call.shapes.slice(0, names.length).map((s, i) => (isTimeFirst[i] ? ofTimeFirst(call.whole[i]) : s));
    if (shapes.length === names.length && shapes.every((s, i) => isKnown(s, isTimeFirst[i])))
      return { shapes: shapes as Shape[], reason: null, data: call.data };
  }
  const data = calls.find((c) => c.data)?.data ?? null;
  const fromData = ofDataSets(session, findings);
  if (fromData && fits(session, module, fromData.shapes, site)) return fromData;
  const found = solve(session, module, site, findings, text);
  return found && { ...found, data };
}

export function describe(module: Value): string {
  return module.kind === 'instance' ? module.class.name : module.kind === 'host' ? module.object.description : 'model';
}

const isSequence = ({ need }: Finding): boolean => need?.kind === 'sequence' || need?.kind === 'tokens';

/** The shape that a call gives to an input in which time comes before the batch. */
function ofTimeFirst(whole: Shape | null | undefined): Shape | null {
  return whole && whole.length > 1 ? whole.with(1, null) : null;
}

function isKnown(shape: Shape | null, isTimeFirst: boolean): shape is Shape {
  return shape !== null && !shape.toSpliced(isTimeFirst ? 1 : 0, 1).includes(null);
}

function fits(session: TorchSession, module: Value, shapes: Shape[], site: SourceRange): boolean {
  return attempt(session, module, shapes, site).error === null;
}

/** A trace that leaves no notes; a successful one is kept for when its shapes turn out to be the ones. */
function attempt(session: TorchSession, module: Value, shapes: Shape[], site: SourceRange): Trace {
  const { notes } = session.machine;
  const before = notes.length;
  const result = trace(session, module, shapes, site);
  const own = notes.splice(before);
  if (session.kept?.module !== module) session.kept = { module, traces: new Map() };
  if (result.error === null) session.kept.traces.set(JSON.stringify(shapes), { trace: result, notes: own });
  return result;
}

/** The forward pass over these shapes, from an attempt if there was one. */
export function finalTrace(session: TorchSession, module: Value, shapes: Shape[], site: SourceRange): Trace {
  const kept = session.kept?.module === module ? session.kept.traces.get(JSON.stringify(shapes)) : undefined;
  if (!kept) return trace(session, module, shapes, site);
  session.machine.notes.push(...kept.notes);
  return kept.trace;
}

/** The images that the file loads, for a model with one input of as many channels. */
function ofDataSets(session: TorchSession, findings: Finding[]): InputShapes | null {
  if (findings.length !== 1) return null;
  const [{ need, viewedAs }] = findings;
  const sets = [...session.datasets].sort((a, b) => Number(b.isTrain) - Number(a.isTrain));
  for (const set of sets) {
    const image = set.imageShape;
    if (!image) continue;
    const isFitting =
      need?.kind === 'channels'
        ? need.isOpen === true || need.size === image[0]
        : viewedAs !== null &&
          (need?.kind === 'sequence' ? need.size === image[0] * image[2] : need?.size === image[0] * image[1] * image[2]);
    if (isFitting) {
      return {
        shapes: [[null, ...image]],
        reason: `The input shape (${image.join(', ')}) is that of the images this file loads.`,
        data: null,
      };
    }
  }
  return null;
}

/** Chooses sizes that the layers accept. */
function solve(session: TorchSession, module: Value, site: SourceRange, findings: Finding[], text: string): InputShapes | null {
  const shapes: (Shape | null)[] = findings.map((f) => fixedShape(f, text));
  const free = findings.flatMap((f, i) => (shapes[i] === null && f.need?.kind === 'channels' ? [i] : []));
  if (shapes.some((s, i) => s === null && !free.includes(i))) return null;
  if (free.length === 0) {
    const because = findings.some(isSequence) ? null : 'its first layer';
    return { shapes: shapes as Shape[], reason: reasonFor(shapes as Shape[], because), data: null };
  }
  const withSide = (side: number): Shape[] =>
    shapes.map((s, i) => s ?? [null, findings[i].need?.size ?? 1, ...Array<number>(findings[i].need?.spatial ?? 2).fill(side)]);
  const { need } = findings[free[0]];
  const preferred = preferredSides(session, module, need?.size ?? 3, text);
  const run = (side: number) => attempt(session, module, withSide(side), site);
  const cls = module.kind === 'instance' ? module.class : null;
  const known = cls ? session.sides.get(cls) : undefined;
  const side = known && run(known.value).error === null ? known : searchSide(run, preferred);
  if (cls && side) session.sides.set(cls, side);
  if (side === null) return { shapes: withSide(preferred[0]), reason: null, data: null };
  const chosen = withSide(side.value);
  return { shapes: chosen, reason: reasonFor(chosen, side.isForced ? 'the sizes of its layers' : null), data: null };
}

function reasonFor(shapes: Shape[], because: string | null): string {
  const list = shapes
    .map((s) => (s[0] === null ? `(${s.slice(1).join(', ')})` : `(${s.map((n) => n ?? 'batch').join(', ')})`))
    .join(' and ');
  const sample = (shapes.at(0) ?? []).map((n) => n ?? 1).join(', ');
  return because
    ? `The file does not say the input shape; ${list} follows from ${because}.`
    : `The file does not say the input shape; ${list} is assumed. Call the model with a sample, such as torch.randn(${sample}), to say another one.`;
}

/** How many steps of time there are, when the text names it. */
function timeSteps(text: string, features: number): number {
  const named = /\b(?:seq(?:uence)?|max|time|window|input|block)_?(?:len(?:gth)?|steps?|size)\s*[=:]\s*(\d+)/i.exec(text)?.[1];
  const steps = Number(named ?? 0);
  if (steps > 1 && steps <= 2048) return steps;
  // Rows of an image.
  return features === 28 || features === 32 ? features : 32;
}

/** The shape of an input that its first layer settles. */
function fixedShape({ need, viewedAs, isTimeFirst, axes }: Finding, text: string): Shape | null {
  if (!need) return null;
  if (need.kind === 'features' && axes === 3) return [null, timeSteps(text, need.size), need.size];
  if (need.kind === 'sequence' || need.kind === 'tokens') {
    const steps = timeSteps(text, need.kind === 'sequence' ? need.size : 0);
    const features = need.kind === 'sequence' ? [need.size] : [];
    return isTimeFirst === true ? [steps, null, ...features] : [null, steps, ...features];
  }
  if (need.kind === 'channels') {
    if (viewedAs !== null && viewedAs >= 3) return [null, need.size];
    return need.isGrowing && viewedAs === null ? [null, need.size, ...Array<number>(need.spatial).fill(1)] : null;
  }
  if (viewedAs === null) return [null, need.size];
  // Flattened images: square, grey or in colour.
  for (const channels of [1, 3]) {
    const side = Math.sqrt(need.size / channels);
    if (Number.isInteger(side)) return [null, channels, side, side];
  }
  return [null, need.size];
}

/** Sides to try, likeliest first: what the class is told, what the text names, then the usual ones. */
function preferredSides(session: TorchSession, module: Value, channels: number, text: string): number[] {
  const told =
    module.kind === 'instance'
      ? [...module.fields].filter(([n]) => /^(im(age|g)?|input|in)_?(size|shape|dim|res|resolution|h|height)$/i.test(n))
      : [];
  const init = module.kind === 'instance' ? module.class.members.get('__init__') : undefined;
  const defaults =
    init?.kind === 'function' ? [...init.defaults].filter(([n]) => /^(im(age|g)?|input)_?(size|resolution|height)$|^height$/i.test(n)) : [];
  const own = [...told, ...defaults].flatMap(([, v]) => {
    const n = numberOf(v.kind === 'tuple' || v.kind === 'list' ? v.items[v.items.length - 1] : v);
    return n !== null && n >= 8 && n <= 1024 ? [n] : [];
  });
  // What torchvision's networks were made for.
  const made = session.usesTorchvision && channels === 3 ? [224] : [];
  const named =
    channels === 1 && /mnist|digit/i.test(text) ? [28] : /cifar|svhn/i.test(text) ? [32] : /imagenet|\b224\b/i.test(text) ? [224] : [];
  return [...new Set([...own, ...session.imageSides, ...made, ...named, ...(channels === 1 ? [28] : []), ...SIDES])];
}

/**
 * The side of a square input that a network accepts. Where a layer needs a certain number of values, larger inputs give more of them, so
 * the side is searched by halving.
 */
function searchSide(run: (side: number) => Trace, preferred: number[]): InputSide | null {
  const cache = new Map<number, number | 'fits' | 'fails'>();
  // Below zero: too small; above: too large.
  const verdict = (side: number): number | 'fits' | 'fails' => {
    const known = cache.get(side);
    if (known !== undefined) return known;
    const { error } = run(side);
    const result =
      error === null ? 'fits' : error instanceof SizeMismatch ? error.actual - error.wanted : error.code === 'cannot-build' ? -1 : 'fails';
    cache.set(side, result);
    return result;
  };
  const first = verdict(preferred[0]);
  if (first === 'fails') return null;
  if (first === 'fits') {
    // A network without a flattened size takes nearly any side; one that rejects another side was made for this one.
    const other = verdict(preferred[0] * 2);
    const isForced = other !== 'fits' && other !== 'fails';
    return { value: preferred[0], isForced };
  }
  let low = 1;
  let high = 1024;
  let fitting: number | null = null;
  let at = Math.min(Math.max(preferred[0], 2), 512);
  while (low < high && fitting === null) {
    const v = verdict(at);
    if (v === 'fails') return null;
    if (v === 'fits') fitting = at;
    else if (v < 0) low = at + 1;
    else high = at - 1;
    at = high === 1024 && fitting === null ? Math.min(at * 2, 1024) : Math.floor((low + high) / 2);
    if (fitting === null && low >= high) fitting = verdict(low) === 'fits' ? low : null;
  }
  if (fitting === null) return null;
  const usual = preferred.find(
    (side) =>
      side >= low && side <= high && Math.abs(side - (fitting ?? 0)) <= Math.max(32, (fitting ?? 0) / 2) && verdict(side) === 'fits',
  );
  return { value: usual ?? smallest(fitting, low, verdict), isForced: true };
}

/** The smallest side from which on all up to `fitting` fit. */
function smallest(fitting: number, from: number, verdict: (side: number) => number | 'fits' | 'fails'): number {
  let low = from;
  let high = fitting;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (verdict(middle) === 'fits') high = middle;
    else low = middle + 1;
  }
  return high;
}
