import type { Excitement } from '../../src/common/probeProtocol';
import { receptiveField, type Box } from '../../src/insight/receptiveField';
import type { PanelContext } from '../panel/context';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber } from '../ui/format';
import { drawImage, pictureCanvas } from './drawPicture';
import { framed } from './placeFrame';
import { ProbePart } from './probePart';
import { SPLIT_WORDS } from './stepWords';

/** The real images that a kernel answers most strongly to, and one drawn for it by gradient ascent. */
export class ExcitementPart {
  private readonly text = element('p');
  private readonly images = element('div', {
    class: 'picture-row',
    attributes: { role: 'group', 'aria-label': 'Images with the strongest answers' },
  });
  private readonly drawn = element('figure', { class: 'large-picture' });
  private readonly note = element('p', { class: 'hint' });
  private readonly part: ProbePart<Excitement>;

  constructor(
    private readonly context: PanelContext,
    kernel: () => { layer: string; filter: number },
  ) {
    this.part = new ProbePart(
      context,
      {
        id: 'excitement',
        question: 'What excites it most?',
        hint: 'The images it answers most strongly to, and one drawn for it.',
        button: 'Search and draw',
        ask: (signal, at) => context.run.channel.call('excitement', { ...kernel(), ...at }, signal),
        show: (result) => this.show(result),
      },
      this.text,
      this.images,
      this.drawn,
      this.note,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, '', step, isMoving);
  }

  private show(found: Excitement): void {
    const { images, searched, split, step, drawn, imageShape } = found;
    const isDead = images[0].value <= 0;
    const where = `${formatCount(searched)} ${SPLIT_WORDS[split]}; after step ${formatCount(step)}`;
    setText(
      this.text,
      isDead
        ? `It answers to none of ${where}: its largest output is ${formatNumber(images[0].value, 3)}.`
        : `The strongest answers among ${where}. Framed: the part of the image that the answer comes from.`,
    );
    setHidden(this.images, isDead);
    replaceChildren(this.images, ...(isDead ? [] : images.map((i) => this.figure(i, found))));
    setHidden(this.drawn, drawn === null);
    setText(this.note, noteOf(found));
    if (!drawn) return;
    const field = this.fieldOf(found, drawn.row, drawn.column);
    const picture = pictureCanvas(`An image drawn for it by gradient ascent${fieldWords(field)}`);
    drawImage(picture, drawn.pixels, imageShape);
    replaceChildren(
      this.drawn,
      framed(picture, field, imageShape),
      element('figcaption', {
        text: `drawn for it: output ${formatNumber(drawn.value, 3)}, at the start ${formatNumber(drawn.before, 3)}`,
      }),
    );
  }

  private figure(image: Excitement['images'][number], found: Excitement): HTMLElement {
    const names = this.context.run.model?.dataset?.classNames ?? [];
    const name = names[image.label] ?? String(image.label);
    const field = this.fieldOf(found, image.row, image.column);
    const picture = pictureCanvas(`Image ${image.index}, ${name}${fieldWords(field)}`);
    drawImage(picture, image.pixels, found.imageShape);
    return element(
      'figure',
      { class: 'picture-pair' },
      framed(picture, field, found.imageShape),
      element(
        'figcaption',
        {},
        element('strong', { text: formatNumber(image.value, 3) }),
        element('div', { text: `${name}, ${image.index}` }),
      ),
    );
  }

  /** Null where the answer comes from the whole image. */
  private fieldOf({ imageShape, map }: Excitement, row: number, column: number) {
    const { run, layer } = this.context;
    if (!layer || map[0] * map[1] === 1) return null;
    return receptiveField(run.model?.layers ?? [], layer.name, row, column, [imageShape[0], imageShape[1]]);
  }
}

function fieldWords(box: Box | null): string {
  return box ? `, framed: rows ${box.top} to ${box.bottom}, columns ${box.left} to ${box.right}` : '';
}

function noteOf({ drawn, images }: Excitement): string {
  if (!drawn) return 'No image can be drawn for it: no gradient gets from its output to the pixels, as behind a relu that is off.';
  const begin = drawn.begunFrom === 'grey' ? 'from even grey' : 'from the first image, since it answers nothing to grey';
  const more =
    images[0].value > 0
      ? ` It excites the kernel to ${formatNumber(drawn.value / images[0].value, 2)} times the strongest real image.`
      : '';
  return `Drawn by gradient ascent on the pixels for the one output framed, ${begin}, in ${drawn.iterations} iterations, with pixels in the range of the real ones and nothing done to make it look natural.${more} In deep layers such images often look like noise: they show what the numbers answer to, not what the network was shown.`;
}
