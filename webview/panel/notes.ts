import type { DatasetInfo } from '../../src/common/dataSpec';
import { element, replaceChildren, setHidden } from '../ui/dom';
import { icon } from '../ui/icons';
import { hasAny, type PanelContext, type Reason, type Section } from './context';

/** What the person must know about the run: synthetic data, what is not repeatable, what was assumed. Never folded away unread. */
export class Notes implements Section {
  readonly root = element('section', { class: 'notes', attributes: { 'aria-label': 'Notes on this run', hidden: true } });
  private shown = '';
  private readonly choose: HTMLElement;

  constructor(context: PanelContext) {
    this.choose = element('button', {
      class: 'link',
      text: 'Choose data…',
      attributes: { type: 'button' },
      on: { click: () => void context.perform('runCommand', { command: 'kernelscope.chooseData' }) },
    });
  }

  draw({ run }: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'notes')) return;
    const { dataset } = run.model ?? {};
    const lines = [...run.notes];
    const data = dataset ? dataLine(dataset) : null;
    const key = JSON.stringify([data, lines]);
    if (key === this.shown) return;
    this.shown = key;
    setHidden(this.root, !data && lines.length === 0);
    replaceChildren(
      this.root,
      data &&
        element(
          'p',
          { class: 'data-line' },
          dataset?.isSynthetic && element('span', { class: 'tag', text: 'synthetic data' }),
          `${data} `,
          this.choose,
        ),
      lines.length > 0 &&
        element('ul', { class: 'note-list' }, ...lines.map((line) => element('li', {}, icon('info'), element('span', { text: line })))),
    );
  }
}

function dataLine({ name, description, trainCount, isSynthetic }: DatasetInfo): string {
  const count = `${trainCount.toLocaleString('en-US')} images to learn from.`;
  return isSynthetic || description.includes(name) ? `${description} ${count}` : `${name}: ${description} ${count}`;
}
