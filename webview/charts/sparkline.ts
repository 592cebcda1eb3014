import { themeColor } from '../ui/theme';

/** A tiny curve of the last values on a logarithmic scale from 10⁻⁵ to 10⁻¹; the usual 10⁻³ of update ratios is a faint line. */
export function drawSparkline(canvas: HTMLCanvasElement, values: readonly number[], capacity: number): void {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth || 56, canvas.clientHeight || 16];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const y = (v: number) => height - 1.5 - ((Math.min(-1, Math.max(-5, Math.log10(v))) + 5) / 4) * (height - 3);
  context.strokeStyle = themeColor('--ks-grid');
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, y(1e-3));
  context.lineTo(width, y(1e-3));
  context.stroke();
  if (values.length < 2) return;
  context.strokeStyle = themeColor('--ks-accent');
  context.lineWidth = 1.25;
  context.beginPath();
  values.forEach((v, i) => {
    const x = ((capacity - values.length + i) / (capacity - 1)) * width;
    if (i === 0) context.moveTo(x, y(v));
    else context.lineTo(x, y(v));
  });
  context.stroke();
}
