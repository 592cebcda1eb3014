import { signedColorMap, type ColorTheme } from '../../src/common/colorMap';
import { element, setAttribute, setText } from '../ui/dom';
import { formatNumber } from '../ui/format';

/** The colour bar from −scale through 0 to +scale, with its numbers; for a norm only the positive half. */
export class Legend {
  readonly root = element('div', { class: 'legend', attributes: { role: 'img' } });
  private readonly canvas = element('canvas', { class: 'legend-bar', attributes: { 'aria-hidden': 'true' } });
  private readonly low = element('span', { class: 'legend-low' });
  private readonly zero = element('span', { class: 'legend-zero', text: '0' });
  private readonly high = element('span', { class: 'legend-high' });
  private drawn = '';

  constructor() {
    this.root.append(
      this.canvas,
      element('div', { class: 'legend-numbers', attributes: { 'aria-hidden': 'true' } }, this.low, this.zero, this.high),
    );
  }

  set(scale: number, theme: ColorTheme, isUnsigned: boolean, what: string): void {
    const key = `${theme} ${isUnsigned}`;
    if (key !== this.drawn) {
      this.drawn = key;
      this.draw(theme, isUnsigned);
    }
    setText(this.low, isUnsigned ? '0' : `${formatNumber(-scale)}`);
    this.zero.hidden = isUnsigned;
    setText(this.high, isUnsigned ? formatNumber(scale) : `+${formatNumber(scale)}`);
    setAttribute(
      this.root,
      'aria-label',
      isUnsigned
        ? `Colours of ${what}: grey is 0, the brightest orange ${formatNumber(scale)}.`
        : `Colours of ${what}: blue is negative down to ${formatNumber(-scale)}, grey is 0, orange positive up to ${formatNumber(scale)}.`,
    );
  }

  private draw(theme: ColorTheme, isUnsigned: boolean): void {
    const { bytes } = signedColorMap(theme);
    const first = isUnsigned ? 255 : 0;
    this.canvas.width = 511 - first;
    this.canvas.height = 1;
    const image = new ImageData(511 - first, 1);
    image.data.set(bytes.subarray(first * 4, 511 * 4));
    this.canvas.getContext('2d')?.putImageData(image, 0, 0);
  }
}
