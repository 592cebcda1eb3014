import type { ClassActivation } from '../../src/common/probeProtocol';
import { maxAbs } from '../../src/common/stats';
import type { PanelContext } from '../panel/context';
import { choice, commandButton, numberField, type Choice } from '../ui/controls';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatCount, formatNumber, formatSigned } from '../ui/format';
import { drawImage, drawLit, drawSigned, pictureCanvas } from './drawPicture';
import { mapWords } from './mapWords';
import { ProbePart } from './probePart';
import { SPLIT_WORDS } from './stepWords';

/** Kernels named as those that count most. */
const NAMED = 3;

/** Where in an image the reasons for the network's answer lie, as this layer's maps tell (Grad-CAM). */
export class ReasonsPart {
  private readonly text = element('p');
  private readonly pictures = element('div', { class: 'picture-row' });
  private readonly note = element('p', {
    class: 'hint',
    text: 'Grad-CAM: every kernel’s map is weighted by how much the class’s score rises with it, summed, and cut off at 0. It tells what the score leans on at this layer’s coarse resolution, not why; in early layers, whose maps only hold edges and blobs, it is scattered.',
  });
  private readonly part: ProbePart<ClassActivation>;
  private readonly number;
  private readonly classes: Choice<string>;
  private readonly controls: HTMLElement;
  private index = 0;
  private label: number | null = null;
  private available = Infinity;

  constructor(private readonly context: PanelContext) {
    this.number = numberField({
      label: 'Image number',
      hint: 'Looks at one image of your choice',
      width: 6,
      check: (n) => (Number.isInteger(n) && n >= 0 && n < this.available ? null : `From 0 to ${formatCount(this.available - 1)}.`),
      onCommit: (n) => this.look(n),
    });
    const next = commandButton({
      label: 'Next image',
      kind: 'secondary',
      onPress: () => this.look((this.index + 1) % Math.max(1, this.available)),
    });
    this.classes = choice('Reasons for', classOptions([]), (value) => {
      this.label = value === '' ? null : Number(value);
      context.requestDraw();
    });
    this.controls = element('div', { class: 'button-row' }, this.number.root, next.root, this.classes.root);
    this.part = new ProbePart(
      context,
      {
        id: 'reasons',
        question: 'Where does the network look for its answer?',
        hint: 'The parts of an image that this layer’s kernels base the answer on.',
        ask: (signal, at) => {
          const params = { layer: context.layer?.name ?? '', index: this.index, label: this.label, ...at };
          return context.run.channel.call('classActivation', params, signal);
        },
        show: (result) => this.show(result),
      },
      this.controls,
      this.text,
      this.pictures,
      this.note,
    );
    this.number.set(0);
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(): void {
    const { run, layer } = this.context;
    const isAble =
      run.status !== null && layer !== null && layer.outputShape.length === 4 && (run.model?.dataset?.classNames.length ?? 0) > 1;
    this.root.hidden = !isAble;
    if (!isAble) return;
    const names = run.model?.dataset?.classNames ?? [];
    this.classes.set(this.label === null ? '' : String(this.label), classOptions(names));
    const subject = [run.generation, run.runId, layer.name].join(' ');
    this.part.draw(subject, `${this.index} ${this.label}`, run.latest?.step ?? 0, run.status?.phase === 'running');
  }

  private look(index: number): void {
    this.index = index;
    this.number.set(index);
    this.context.requestDraw();
  }

  private show({ step, split, available, image, imageShape, label, map, values, weights }: ClassActivation): void {
    this.available = available;
    const names = this.context.run.model?.dataset?.classNames ?? [];
    const nameOf = (l: number) => names[l] ?? String(l);
    const largest = maxAbs(values);
    const { predicted } = image;
    const says = predicted
      ? ` The network says ${nameOf(predicted.label)} with ${Math.round(predicted.output * 100)} %, ${predicted.label === image.label ? 'which is right' : `but it is ${nameOf(image.label)}`}.`
      : '';
    const order = [...weights.keys()].sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a])).slice(0, NAMED);
    const counts = order.map((k) => `${k} (${formatSigned(weights[k], 2)})`).join(', ');
    setText(
      this.text,
      `Image ${image.index} of the ${formatCount(available)} ${SPLIT_WORDS[split]}; after step ${formatCount(step)}.${says} ${
        largest > 0
          ? `Lit: where the score of ${nameOf(label)} gets its reasons from.`
          : `Nothing on this layer’s maps speaks for ${nameOf(label)} on balance: it is 0 everywhere.`
      } Its score changes most with the maps of kernels ${counts}.`,
    );
    const [photo, lit, heat] = [
      pictureCanvas(`Image ${image.index}, ${nameOf(image.label)}`),
      pictureCanvas(`The same image, bright where the reasons for ${nameOf(label)} lie`),
      pictureCanvas(`The map of reasons, ${mapWords(values, map)}.`),
    ];
    drawImage(photo, image.pixels, imageShape);
    drawLit(lit, image.pixels, imageShape, values, map);
    drawSigned(heat, values, map, largest, this.context.theme);
    const figure = (picture: HTMLElement, text: string) =>
      element('figure', { class: 'large-picture' }, picture, element('figcaption', { text }));
    replaceChildren(
      this.pictures,
      figure(photo, 'the image'),
      figure(lit, `lit by the reasons for ${nameOf(label)}`),
      figure(heat, `${map[0]} × ${map[1]}, up to ${formatNumber(largest, 3)}`),
    );
  }
}

function classOptions(names: readonly string[]): { value: string; label: string }[] {
  return [{ value: '', label: 'its own answer' }, ...names.slice(0, 200).map((label, i) => ({ value: String(i), label }))];
}
