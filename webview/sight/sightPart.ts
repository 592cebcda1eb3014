import type { KernelMap, KernelSight } from '../../src/common/probeProtocol';
import { receptiveField, type Box } from '../../src/insight/receptiveField';
import { maxAbs } from '../../src/common/stats';
import type { PanelContext } from '../panel/context';
import { commandButton, numberField } from '../ui/controls';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatCount, formatNumber } from '../ui/format';
import { Arithmetic } from './arithmetic';
import { drawImage, drawSigned, pictureCanvas } from './drawPicture';
import { mapWords } from './mapWords';
import { ProbePart } from './probePart';
import { SPLIT_WORDS } from './stepWords';

/** What a kernel (unit) makes of images: one of each class, and the arithmetic of one output. */
export class SightPart {
  private readonly text = element('p');
  private readonly images = element('div', { class: 'picture-row', attributes: { role: 'group', 'aria-label': 'Images' } });
  private readonly arithmetic = new Arithmetic();
  private readonly part: ProbePart<KernelSight>;
  /** The image whose arithmetic is shown. */
  private chosen = 0;
  /** Number of the one image that was asked for; null: the first of each class. */
  private index: number | null = null;
  private available = Infinity;
  private readonly number = numberField({
    label: 'Image number',
    hint: 'Looks at one image of your choice',
    width: 6,
    check: (n) => (Number.isInteger(n) && n >= 0 && n < this.available ? null : `From 0 to ${formatCount(this.available - 1)}.`),
    onCommit: (n) => this.look(n),
  });
  private readonly ofEachClass = commandButton({ label: 'One of each class', kind: 'secondary', onPress: () => this.look(null) });

  constructor(
    private readonly context: PanelContext,
    kernel: () => { layer: string; filter: number },
  ) {
    this.part = new ProbePart(
      context,
      {
        id: 'sight',
        question: 'What does it see?',
        hint: 'What it makes of images, and how one output is computed.',
        ask: (signal, at) => {
          const indices = this.index === null ? null : [this.index];
          return context.run.channel.call('kernelSight', { ...kernel(), split: null, indices, detail: this.chosen, ...at }, signal);
        },
        show: (result) => this.show(result),
      },
      this.text,
      this.images,
      element('div', { class: 'button-row' }, this.number.root, this.ofEachClass.root),
      this.arithmetic.root,
    );
    this.number.set(NaN);
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, `${this.index ?? 'classes'} ${this.chosen}`, step, isMoving);
  }

  /** At one image, or with null at the first of each class. */
  private look(index: number | null): void {
    this.index = index;
    this.chosen = 0;
    if (index === null) this.number.set(NaN);
    this.context.requestDraw();
  }

  private show(sight: KernelSight): void {
    const { step, split, map, images, imageShape, detail } = sight;
    this.available = sight.available;
    this.ofEachClass.setHidden(this.index === null);
    const isMap = map[0] * map[1] > 1;
    const scale = images.reduce((m, i) => Math.max(m, maxAbs(i.values)), 0);
    const classes = new Set(images.map((i) => i.label)).size > 1 ? ', the first of each class' : '';
    setText(
      this.text,
      `${images.length === 1 ? `Image ${images[0].index} of the ${formatCount(sight.available)}` : formatCount(images.length)} ${SPLIT_WORDS[split]}${classes}; after step ${formatCount(step)}. ${
        isMap
          ? `Below each what the kernel makes of it: grey is 0, ${scale > 0 ? `the strongest orange +${formatNumber(scale, 3)}` : 'and it answers 0 everywhere'}.`
          : 'Below each the unit’s output.'
      }${detail ? ' Choose an image for the arithmetic.' : ''}`,
    );
    const focused = this.images.contains(document.activeElement) ? this.chosen : -1;
    const figures = images.map((image, i) => this.figure(image, i, imageShape, map, scale, detail?.image === i));
    replaceChildren(this.images, ...figures);
    if (focused >= 0) figures[focused]?.focus();
    this.arithmetic.show(sight, this.context.theme, (row, column) => this.fieldOf(sight, row, column));
  }

  /** Null in a layer that reads the image itself: there it is the patch. */
  private fieldOf({ imageShape }: KernelSight, row: number, column: number): Box | null {
    const { run, layer } = this.context;
    const layers = run.model?.layers ?? [];
    const source = layers.find((l) => l.name === layer?.inputs[0]);
    if (!layer || !source || source.className === 'InputLayer') return null;
    return receptiveField(layers, layer.name, row, column, [imageShape[0], imageShape[1]]);
  }

  private figure(image: KernelMap, i: number, shape: number[], map: [number, number], scale: number, isShown: boolean): HTMLElement {
    const names = this.context.run.model?.dataset?.classNames ?? [];
    const nameOf = (label: number) => names[label] ?? String(label);
    const picture = pictureCanvas(`Image ${image.index}, ${nameOf(image.label)}`);
    drawImage(picture, image.pixels, shape);
    const isMap = map[0] * map[1] > 1;
    const answer = isMap
      ? pictureCanvas(`What the kernel makes of it, ${mapWords(image.values, map)}.`)
      : element('span', { class: 'unit-output', text: formatNumber(image.values[0], 3) });
    if (answer instanceof HTMLCanvasElement) drawSigned(answer, image.values, map, scale, this.context.theme);
    const { predicted } = image;
    const isRight = predicted?.label === image.label;
    const guess = predicted ? ` ${isRight ? '✓' : `✗ ${nameOf(predicted.label)}`} ${Math.round(predicted.output * 100)} %` : '';
    return element(
      'button',
      {
        class: `sight-image${isShown ? ' chosen' : ''}`,
        title: predicted
          ? `A ${nameOf(image.label)}; the network says ${nameOf(predicted.label)} with ${Math.round(predicted.output * 100)} %`
          : nameOf(image.label),
        attributes: { type: 'button', 'aria-pressed': String(isShown) },
        on: {
          click: () => {
            this.chosen = i;
            this.context.requestDraw();
          },
        },
      },
      picture,
      answer,
      element('span', { class: `guess${predicted && !isRight ? ' wrong' : ''}`, text: `${nameOf(image.label)}${guess}` }),
    );
  }
}
