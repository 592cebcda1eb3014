import { element } from '../ui/dom';
import { themeColor } from '../ui/theme';
import { canvasToPng } from './toPng';

/** Charts one below the other, each with its caption, on the theme's background. */
export function chartsPng(charts: { caption: string; canvas: HTMLCanvasElement }[]): Promise<ArrayBuffer> {
  const ratio = window.devicePixelRatio || 1;
  const [margin, line] = [12 * ratio, 20 * ratio];
  const canvas = element('canvas');
  canvas.width = Math.max(...charts.map((c) => c.canvas.width)) + 2 * margin;
  canvas.height = charts.reduce((h, c) => h + line + c.canvas.height + margin, margin);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser could not draw the charts.');
  context.fillStyle = themeColor('--vscode-editor-background') || '#1e1e1e';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  let y = margin;
  for (const chart of charts) {
    context.fillStyle = themeColor('--vscode-foreground') || '#cccccc';
    context.fillText(chart.caption, margin, y + 13 * ratio);
    context.drawImage(chart.canvas, margin, y + line);
    y += line + chart.canvas.height + margin;
  }
  return canvasToPng(canvas);
}
