import type { EpochRow, RunStatus } from '../common/run';

const WIDTH = 24;
const REDRAW_MS = 100;

/** Four decimals, or an exponent where they would say nothing. */
export function metricText(value: number): string {
  return Math.abs(value) < 1e6 ? value.toFixed(4) : value.toExponential(3);
}

/** Progress of a run on stderr: a bar that is redrawn in a terminal, one line per epoch elsewhere. */
export class ProgressBar {
  private drawnAt = 0;
  private loss = NaN;
  private isDrawn = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  setLoss(loss: number): void {
    this.loss = loss;
  }

  update(status: RunStatus): void {
    const now = performance.now();
    if (!this.stream.isTTY || now - this.drawnAt < REDRAW_MS) return;
    this.drawnAt = now;
    if (status.phase === 'preparing') return this.draw(status.message ?? 'Preparing');
    const done = status.totalSteps > 0 ? status.step / status.totalSteps : 0;
    const full = Math.round(done * WIDTH);
    const left = status.secondsLeft === null ? '' : `, ${Math.ceil(status.secondsLeft)} s left`;
    const loss = Number.isFinite(this.loss) ? ` loss ${metricText(this.loss)}` : '';
    this.draw(
      `epoch ${status.epoch + 1}/${status.epochs} [${'='.repeat(full)}${' '.repeat(WIDTH - full)}] ${status.step}/${status.totalSteps}${loss}, ${Math.round(status.imagesPerSecond)} images/s${left}`,
    );
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.stream.write(`${line}\n`);
  }

  epoch(row: EpochRow): void {
    const values = Object.entries(row.values).map(([name, value]) => `${name} ${metricText(value)}`);
    this.say(`epoch ${row.epoch + 1}: ${values.join(', ')}, ${row.seconds.toFixed(1)} s`);
  }

  clear(): void {
    if (this.isDrawn) this.stream.write('\r\u001b[K');
    this.isDrawn = false;
  }

  private draw(text: string): void {
    this.stream.write(`\r\u001b[K${text.slice(0, (this.stream.columns ?? 120) - 1)}`);
    this.isDrawn = true;
  }
}
