import { signedColor, type ColorTheme } from '../../src/common/colorMap';
import { themeColor } from '../ui/theme';

const HEIGHT = 64;

/** Bars around a zero line, largest first; on a canvas as wide as its element. */
export function drawShares(canvas: HTMLCanvasElement, shares: Float32Array, theme: ColorTheme): void {
  const ratio = devicePixelRatio;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.round(HEIGHT * ratio);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const sorted = Float32Array.from(shares).sort().reverse();
  const highest = Math.max(sorted[0] ?? 0, 0);
  const lowest = Math.min(sorted[sorted.length - 1] ?? 0, 0);
  const span = highest - lowest || 1;
  const largest = Math.max(highest, -lowest) || 1;
  const zero = Math.round((highest / span) * (height - 2)) + 1;
  const step = width / sorted.length;
  sorted.forEach((share, i) => {
    const end = zero - (share / span) * (height - 2);
    // Small shares stay visible: their colour is that of at least a third of the scale.
    const shown = Math.sign(share) * Math.max(Math.abs(share), largest / 3);
    const [r, g, b] = signedColor(shown, largest, theme);
    context.fillStyle = `rgb(${r}, ${g}, ${b})`;
    const left = Math.round(i * step);
    const right = Math.max(left + 1, Math.round((i + 1) * step) - (step > 4 * ratio ? Math.round(ratio) : 0));
    context.fillRect(left, Math.min(zero, end), right - left, Math.max(Math.abs(end - zero), share === 0 ? 0 : 0.5));
  });
  context.fillStyle = themeColor('--ks-text-quiet');
  context.fillRect(0, zero, width, Math.max(1, Math.round(ratio)));
}
