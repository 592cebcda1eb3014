import type { SeedRunProgress } from '../../src/common/seedsProtocol';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { formatNumber } from '../ui/format';

interface Row {
  root: HTMLElement;
  bar: HTMLElement;
  fill: HTMLElement;
  text: HTMLElement;
  open: HTMLElement;
}

/** The runs of a comparison, one line each: how far it is, and what it reached. */
export class RunRows {
  readonly root = element('ul', { class: 'runs', attributes: { 'aria-label': 'Runs' } });
  private rows: Row[] = [];
  private built = '';

  constructor(private readonly onOpen: (seed: number) => void) {}

  show(runs: readonly SeedRunProgress[]): void {
    const key = runs.map((r) => r.seed).join(' ');
    if (key !== this.built) {
      this.built = key;
      this.rows = runs.map(({ seed }) => this.makeRow(seed));
      this.root.replaceChildren(...this.rows.map((r) => r.root));
    }
    runs.forEach((run, i) => {
      const { root, bar, fill, text, open } = this.rows[i];
      const done = run.phase === 'finished' ? 1 : run.totalSteps > 0 ? run.step / run.totalSteps : 0;
      root.dataset.phase = run.phase;
      setAttribute(bar, 'aria-valuenow', Math.round(100 * done));
      fill.style.width = `${100 * done}%`;
      setText(text, wordsFor(run));
      setHidden(open, run.phase !== 'finished');
    });
  }

  private makeRow(seed: number): Row {
    const fill = element('div', { class: 'bar-fill' });
    const attributes = { role: 'progressbar', 'aria-label': `Run with seed ${seed}`, 'aria-valuemin': 0, 'aria-valuemax': 100 };
    const bar = element('div', { class: 'bar', attributes }, fill);
    const text = element('span', { class: 'run-text' });
    const open = element('button', {
      class: 'link',
      text: 'Open',
      title: `Show the run with seed ${seed} in the kernel panel`,
      attributes: { type: 'button' },
      on: { click: () => this.onOpen(seed) },
    });
    const root = element('li', { class: 'run' }, element('span', { class: 'run-seed', text: `Seed ${seed}` }), bar, text, open);
    return { root, bar, fill, text, open };
  }
}

function wordsFor({ phase, step, totalSteps, loss, accuracy }: SeedRunProgress): string {
  if (phase === 'waiting') return 'waiting';
  if (phase === 'training') return `step ${step} of ${totalSteps}${loss === null ? '' : `, loss ${formatNumber(loss, 3)}`}`;
  if (phase === 'cut short') return 'cut short, not compared';
  return accuracy === null ? 'finished' : `accuracy ${(100 * accuracy).toFixed(2)} %`;
}
