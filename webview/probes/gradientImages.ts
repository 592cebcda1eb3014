import type { GradientImage, GradientSum } from '../../src/common/probeProtocol';
import type { PanelContext } from '../panel/context';
import { drawImage, drawSigned, pictureCanvas } from '../sight/drawPicture';
import { mapWords } from '../sight/mapWords';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';

/** The images that contributed most: picture, products at every position, and the strongest product in numbers. */
export class GradientImages {
  readonly root = element('div', { class: 'gradient-images' });
  private readonly title = element('p', { class: 'hint' });
  private readonly list = element('div', { class: 'picture-row' });

  constructor(private readonly context: PanelContext) {
    this.root.append(this.title, this.list);
  }

  /** @param scale of the products' colours */
  show(answer: GradientSum, scale: number, isBias: boolean): void {
    const isMap = answer.map[0] * answer.map[1] > 1;
    setText(
      this.title,
      isMap
        ? 'The images with the largest shares, as the model saw them. Beside each its products X · dY, position by position; the strongest is framed and written out.'
        : 'The images with the largest shares, as the model saw them.',
    );
    replaceChildren(this.list, ...answer.images.map((image) => this.figure(image, answer, scale, isBias)));
  }

  private figure(image: GradientImage, { map, imageShape, sum }: GradientSum, scale: number, isBias: boolean): HTMLElement {
    const name = this.context.run.model?.dataset?.classNames[image.label] ?? String(image.label);
    const photo = pictureCanvas(`Training image ${image.index}, class ${name}`);
    drawImage(photo, image.pixels, imageShape);
    const pictures = element('div', { class: 'pictures' }, photo);
    const { row, column, x, dy, product } = image.strongest;
    const isMap = map[0] * map[1] > 1;
    if (isMap) {
      const products = pictureCanvas(`Its products, ${mapWords(image.products, map)}.`);
      drawSigned(products, image.products, map, scale, this.context.theme);
      const frame = element('div', { class: 'receptive-field', attributes: { 'aria-hidden': 'true' } });
      frame.style.top = `${(100 * row) / map[0]}%`;
      frame.style.left = `${(100 * column) / map[1]}%`;
      frame.style.height = `${100 / map[0]}%`;
      frame.style.width = `${100 / map[1]}%`;
      pictures.append(element('div', { class: 'framed' }, products, frame));
    }
    const part = sum === 0 ? '' : ` (${formatNumber((100 * image.share) / sum, 2)} %)`;
    const factor = dy < 0 ? `(${formatNumber(dy, 2)})` : formatNumber(dy, 2);
    return element(
      'figure',
      { class: 'picture-pair' },
      pictures,
      element(
        'figcaption',
        {},
        element('strong', { text: formatSigned(image.share, 3) }),
        part,
        element('div', { text: `class ${name}, image ${image.index}` }),
        element('div', {
          text: `${isMap ? `at ${row}, ${column}: ` : ''}${isBias ? formatSigned(product, 2) : `${formatNumber(x, 2)} × ${factor} = ${formatSigned(product, 2)}`}`,
        }),
      ),
    );
  }
}
