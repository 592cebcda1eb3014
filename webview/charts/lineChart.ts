import uPlot from 'uplot';
import { element, setAttribute } from '../ui/dom';
import { formatNumber } from '../ui/format';
import { onDidChangeTheme, themeColor } from '../ui/theme';

export interface ChartSeries {
  label: string;
  /** Name of the CSS variable with its colour. */
  color: string;
  width: number;
  /** 0 … 1 */
  opacity?: number;
  dash?: number[];
  hasPoints?: boolean;
  /** Draws steps instead of slopes: a histogram's outline. */
  isStepped?: boolean;
  fillOpacity?: number;
}

export interface LineChartOptions {
  series: ChartSeries[];
  height: number;
  /** x counts something: no ticks between whole numbers. */
  isCounted?: boolean;
  /** How a tick of the vertical axis is written; a plain number by default. */
  formatY?(value: number): string;
  /** Charts with the same key show the cursor at the same place. */
  syncKey?: string;
  /** Called with the x value that was clicked. */
  onPick?(x: number): void;
  /** Called with the index under the cursor, null when it leaves. */
  onCursor?(index: number | null): void;
}

const COUNTED = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

/** One uPlot chart that follows its element's width and the colour theme. Data is set at most once per animation frame, by its owner. */
export class LineChart {
  readonly root = element('div', { class: 'chart-canvas', attributes: { role: 'img' } });
  private plot: uPlot | null = null;
  private data: uPlot.AlignedData = [[]];
  private marks: { x: number; color: string; dash: number[] }[] = [];
  private isLog = false;
  private yRange: [number, number] | null = null;
  private width = 0;

  constructor(private readonly options: LineChartOptions) {
    new ResizeObserver(() => this.resize()).observe(this.root);
    onDidChangeTheme(() => this.rebuild());
  }

  /** @param data x values, then one array per series; null is a gap. */
  setData(data: uPlot.AlignedData): void {
    this.data = data;
    if (this.plot) this.plot.setData(data, true);
    else this.resize();
  }

  /** Vertical lines, such as the ends of epochs and the step that is looked at. */
  setMarks(marks: { x: number; color: string; dash: number[] }[]): void {
    if (JSON.stringify(marks) === JSON.stringify(this.marks)) return;
    this.marks = marks;
    this.plot?.redraw(false, false);
  }

  setLogarithmic(isLog: boolean): void {
    if (isLog === this.isLog) return;
    this.isLog = isLog;
    this.rebuild();
  }

  /** Fixes the vertical range; null: by the data. */
  setRange(range: [number, number] | null): void {
    this.yRange = range;
  }

  /** What a screen reader says instead of the picture. */
  setSummary(text: string): void {
    setAttribute(this.root, 'aria-label', text);
  }

  /** What is drawn now; null before there is anything. */
  get canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  private resize(): void {
    const width = Math.floor(this.root.clientWidth);
    if (width < 40 || width === this.width) return;
    this.width = width;
    if (this.plot) this.plot.setSize({ width, height: this.options.height });
    else this.rebuild();
  }

  private rebuild(): void {
    if (this.width < 40) return;
    this.plot?.destroy();
    this.plot = new uPlot(this.uplotOptions(), this.data, this.root);
    if (this.options.onPick) {
      this.plot.over.addEventListener('click', () => {
        const left = this.plot?.cursor.left;
        if (left !== undefined && left >= 0) this.options.onPick?.(this.plot?.posToVal(left, 'x') ?? NaN);
      });
    }
  }

  private uplotOptions(): uPlot.Options {
    const text = themeColor('--ks-text-quiet');
    const grid = themeColor('--ks-grid');
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, gap: 4 };
    const { isLog } = this;
    return {
      width: this.width,
      height: this.options.height,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false },
        y: {
          distr: isLog ? 3 : 1,
          ...(isLog ? {} : { range: (_u, min, max) => this.yRange ?? niceRange(min, max) }),
        },
      },
      axes: [
        {
          ...axis,
          ...(this.options.isCounted ? { incrs: COUNTED } : {}),
          size: 22,
          space: 44,
          values: (_u, ticks) => ticks.map((v) => formatNumber(v, 5)),
        },
        {
          ...axis,
          size: 46,
          space: 26,
          values: (_u, ticks) => {
            const format = this.options.formatY ?? axisNumber(ticks, isLog);
            return ticks.map((v, i) => (v === null || (isLog && !isDecade(v) && i % 3) ? '' : format(v)));
          },
        },
      ],
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 6 },
        ...(this.options.syncKey ? { sync: { key: this.options.syncKey, setSeries: false } } : {}),
      },
      series: [{}, ...this.options.series.map((s) => this.uplotSeries(s))],
      hooks: {
        draw: [(u) => this.drawMarks(u)],
        setCursor: [(u) => this.options.onCursor?.(u.cursor.idx ?? null)],
      },
    };
  }

  private uplotSeries(s: ChartSeries): uPlot.Series {
    const color = themeColor(s.color);
    return {
      label: s.label,
      stroke: withOpacity(color, s.opacity ?? 1),
      width: s.width,
      dash: s.dash,
      spanGaps: true,
      points: { show: s.hasPoints ?? false, size: 6, fill: color },
      paths: s.isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
      fill: s.fillOpacity ? withOpacity(color, s.fillOpacity) : undefined,
    };
  }

  private drawMarks(u: uPlot): void {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.lineWidth = Math.max(1, Math.round(devicePixelRatio));
    for (const mark of this.marks) {
      const x = Math.round(u.valToPos(mark.x, 'x', true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = themeColor(mark.color);
      ctx.setLineDash(mark.dash);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}

function niceRange(min: number, max: number): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const room = (max - min || Math.abs(max) || 1) * 0.06;
  return [min >= 0 && min - room < 0 ? 0 : min - room, max + room];
}

/** With as many digits as it takes to tell the ticks apart. */
function axisNumber(ticks: readonly (number | null)[], isLog: boolean): (v: number) => string {
  const known = ticks.filter((v) => v !== null);
  const [gap, largest] = [Math.abs(known[1] - known[0]), Math.max(...known.map(Math.abs))];
  const digits = isLog || !(gap > 0) ? 3 : Math.min(6, Math.max(3, Math.ceil(Math.log10(largest / gap)) + 1));
  return (v) => formatNumber(v, digits);
}

function isDecade(v: number): boolean {
  const log = Math.log10(v);
  return Math.abs(log - Math.round(log)) < 1e-9;
}

/** A theme colour (#rgb, #rrggbb, rgb(), …) with an opacity, through the canvas' own parser. */
function withOpacity(color: string, opacity: number): string {
  const context = document.createElement('canvas').getContext('2d');
  if (opacity >= 1 || !context) return color;
  context.fillStyle = color;
  const hex = String(context.fillStyle);
  return /^#[0-9a-f]{6}$/.test(hex)
    ? `${hex}${Math.round(opacity * 255)
        .toString(16)
        .padStart(2, '0')}`
    : hex;
}
