import { Random } from '../../common/random';
import { convertChannels } from '../colour';
import { DataError } from '../dataError';
import type { ImageSet, MaskSet, SourceSets } from '../imageSet';
import { KeptMasks } from '../masks/keptMasks';
import { drawDigit } from './drawDigit';
import { drawShape } from './drawShape';
import { toBytes, type SubjectScene } from './scene';
import { shapeOutlines } from './shapeOutlines';

export type EmbeddedName = 'digits' | 'shapes';

/** The pictures themselves are the same in every run, whatever the run's seed, so that runs with different seeds can be compared. */
const pictureSeed = 20151225;
const trainCount = 10000;
const testCount = 1000;
/** Drawn pictures are kept up to this many bytes per part; beyond, they are drawn again when asked for. */
const maxKeptBytes = 256 * 2 ** 20;

const sets: Record<
  EmbeddedName,
  { classNames: string[]; what: string; draw(kind: number, h: number, w: number, random: Random): SubjectScene }
> = {
  digits: {
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    what: 'digits drawn by a program, with stray marks and noise; no handwriting',
    draw: drawDigit,
  },
  shapes: {
    classNames: shapeOutlines.map((s) => s.name),
    what: 'shapes drawn by a program in random colours, sizes and angles, with noise; no photographs',
    draw: drawShape,
  },
};

/**
 * The data that needs no files: pictures drawn when they are first read, at the size the model asks for, always the same ones.
 * @param shape [height, width, channels] of the model's input; channels 1 to 4
 * @param classCount how many classes the model tells apart; null: all ten
 * @param pixelClasses how many classes of pixels it tells apart: the background and what is drawn, or and each kind of that; null: none
 * @throws DataError when the size cannot be drawn, or more classes are asked for than there are.
 */
export function embeddedSets(
  name: EmbeddedName,
  shape: readonly [number, number, number],
  classCount: number | null,
  pixelClasses: number | null = null,
): SourceSets {
  const { classNames: all, what, draw } = sets[name];
  const [height, width, channels] = shape;
  const label = `embedded ${name}`;
  if (!(channels >= 1 && channels <= 4))
    throw new DataError(
      label,
      `cannot be drawn with ${channels} channels`,
      'give the model an input of 1 or 3 channels, or choose a folder of your own data',
    );
  if (Math.min(height, width) < 8)
    throw new DataError(label, `cannot be drawn at ${height} × ${width} pixels`, 'give the model an input of at least 8 × 8 pixels');
  if (classCount !== null && classCount < 2)
    throw new DataError(
      label,
      'has classes, and the model tells none apart',
      'give the last layer 1 sigmoid unit or at least 2 softmax units',
    );
  // Beside the background two classes of pixels are one of anything drawn.
  const isAnything = pixelClasses === null || pixelClasses <= 2;
  const count = Math.min((isAnything ? classCount : pixelClasses - 1) ?? all.length, all.length);
  const part = (size: number, split: string): ImageSet =>
    new DrawnImageSet(
      shape,
      size,
      count,
      (kind, index) => draw(kind, height, width, Random.stream(pictureSeed, `${name}/${split}/${index}`)),
      pixelClasses === null ? null : isAnything ? () => 1 : (kind) => kind + 1,
    );
  return {
    name: label,
    description: `${(trainCount + testCount).toLocaleString('en')} ${what}.`,
    isSynthetic: true,
    classNames: all.slice(0, count),
    train: part(trainCount, 'train'),
    test: part(testCount, 'test'),
    valueRange: 255,
    notes: [
      ...(classCount !== null && classCount > count
        ? [`The model has ${classCount} classes; the ${label} have ${count}, the others stay empty.`]
        : []),
      ...(pixelClasses !== null ? [pixelClassesText(isAnything ? [`any of the ${name}`] : all.slice(0, count))] : []),
    ],
  };
}

function pixelClassesText(kinds: string[]): string {
  return `Classes of pixels: ${['background', ...kinds].map((kind, i) => `${i} ${kind}`).join(', ')}.`;
}

/** Pictures drawn on demand; their classes follow one another in turn. */
class DrawnImageSet implements ImageSet {
  readonly labels: Int32Array;
  readonly masks?: MaskSet;
  private readonly size: number;
  private readonly kept: Uint8Array | null;
  private readonly isDrawn: Uint8Array;

  constructor(
    readonly shape: readonly [number, number, number],
    count: number,
    classCount: number,
    private readonly draw: (kind: number, index: number) => SubjectScene,
    pixelClass: ((kind: number) => number) | null,
  ) {
    this.labels = Int32Array.from({ length: count }, (_, i) => i % classCount);
    this.size = shape[0] * shape[1] * shape[2];
    this.kept = count * this.size <= maxKeptBytes ? new Uint8Array(count * this.size) : null;
    this.isDrawn = new Uint8Array(count);
    if (pixelClass)
      this.masks = new KeptMasks([shape[0], shape[1]], count, (index, out) => {
        const kind = this.labels[index];
        const { subject } = this.draw(kind, index);
        subject.values.forEach((covered, i) => (out[i] = covered > 0.5 ? pixelClass(kind) : 0));
      });
  }

  copyTo(index: number, out: Float32Array, at: number): void {
    const bytes = this.kept?.subarray(index * this.size, (index + 1) * this.size) ?? new Uint8Array(this.size);
    if (!this.kept || !this.isDrawn[index]) {
      const scene = this.draw(this.labels[index], index);
      const values = convertChannels(scene.values, scene.channels, this.shape[2], 1);
      toBytes({ ...scene, channels: this.shape[2], values }, bytes, 0);
      this.isDrawn[index] = 1;
    }
    out.set(bytes, at);
  }
}
