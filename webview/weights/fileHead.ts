import { isOfStep } from '../../src/common/frame';
import { formatName } from '../../src/common/formatName';
import type { JsonObject } from '../../src/common/json';
import { tensorLength } from '../../src/common/weightFile';
import type { ViewedFile } from '../../src/common/weightsViewProtocol';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatCount, formatPlural } from '../ui/format';
import { icon } from '../ui/icons';
import { plainButton } from '../ui/nativeControls';
import { bytesText } from './tensorText';
import type { WeightsContext } from './weightsContext';

/** What the file is (the files are), who wrote it, and what is odd about it. */
export class FileHead {
  readonly root = element('header', { class: 'file-head' });
  private readonly title = element('h1', { class: 'file-title' });
  private readonly facts = element('p', { class: 'kernel-subtitle' });
  private readonly verdict = element('p', { class: 'verdict', attributes: { role: 'status', hidden: true } });
  private readonly stop;
  private readonly goOn;
  private readonly details = element('details', { class: 'file-details' });
  private readonly compare;
  private key = '';

  constructor(private readonly context: WeightsContext) {
    this.compare = plainButton({
      label: 'Compare With …',
      kind: 'secondary',
      hint: 'Choose another weight file and see what differs',
      onPress: () => void context.data.channel.call('compareWith', null).catch(() => {}),
    });
    this.stop = plainButton({ label: 'Stop comparing', kind: 'secondary', onPress: () => context.comparison.stop() });
    this.goOn = plainButton({ label: 'Go on comparing', kind: 'secondary', onPress: () => context.comparison.goOn() });
    this.root.append(
      element('div', { class: 'file-line' }, this.title, this.facts, this.compare),
      element('div', { class: 'verdict-line' }, this.verdict, this.stop, this.goOn),
      this.details,
    );
  }

  draw(): void {
    const { data, intent, comparison } = this.context;
    const { snapshot } = data;
    if (!snapshot) return;
    const shown = snapshot.mode === 'film' ? [snapshot.files[intent.file]] : snapshot.files;
    setHidden(this.compare, snapshot.mode !== 'file' || !shown[0].info);
    setHidden(this.verdict, snapshot.mode !== 'compare' || comparison.pairs.length === 0);
    setHidden(this.stop, !comparison.isSlow);
    setHidden(this.goOn, comparison.isRunning || comparison.isDone);
    if (snapshot.mode === 'compare') this.drawVerdict();
    const key = JSON.stringify([snapshot.generation, snapshot.mode, ...shown.map((f) => [f?.path, f?.error, f?.info !== null])]);
    if (key === this.key) return;
    this.key = key;
    setText(
      this.title,
      snapshot.mode === 'film' ? `${snapshot.title}: a film of ${formatPlural(snapshot.files.length, 'file')}` : snapshot.title,
    );
    setText(
      this.facts,
      shown
        .filter((f) => f?.info)
        .map(factsOf)
        .filter((text, i, all) => all.indexOf(text) === i)
        .join(' ↔ '),
    );
    const rows = shown.flatMap((f) => (f?.info ? producerRows(f, shown.length > 1) : []));
    const warnings = shown.flatMap((f) => (f?.info?.warnings ?? []).map((w) => (shown.length > 1 ? `${f.name}: ${w}` : w)));
    setHidden(this.details, rows.length + warnings.length === 0);
    replaceChildren(
      this.details,
      element('summary', {}, warnings.length > 0 && icon('warning'), summaryText(warnings)),
      warnings.length > 1 && element('ul', { class: 'note-list' }, ...warnings.map((w) => element('li', {}, icon('warning'), w))),
      element('dl', { class: 'producer' }, ...rows.flatMap(([k, v]) => [element('dt', { text: k }), element('dd', { text: v })])),
    );
  }

  private drawVerdict(): void {
    const { comparison } = this.context;
    const weights = comparison.pairs.filter((p) => !isOfStep((p.a ?? p.b)?.name ?? ''));
    // Of two frames of a run the weights count; their gradients and updates always differ.
    const pairs = weights.length > 0 ? weights : comparison.pairs;
    const left = comparison.pairs.length - pairs.length;
    const states = pairs.map((p) => comparison.stateOf((p.a ?? p.b)?.name ?? ''));
    const count = (is: (s: (typeof states)[number]) => boolean): number => states.filter(is).length;
    const equal = count((s) => s.kind === 'difference' && s.difference.isEqual);
    const changed = count((s) => s.kind === 'difference' && !s.difference.isEqual);
    const [onlyA, onlyB, shape, failed] = (['onlyA', 'onlyB', 'shape', 'failed'] as const).map((kind) => count((s) => s.kind === kind));
    this.verdict.dataset.state = equal === pairs.length ? 'equal' : 'difference';
    if (!comparison.isDone)
      return setText(
        this.verdict,
        `${comparison.isRunning ? 'Comparing …' : 'Stopped:'} ${equal + changed + onlyA + onlyB + shape + failed} of ${pairs.length} tensors`,
      );
    if (equal === pairs.length && left === 0)
      return setText(
        this.verdict,
        `The files hold exactly the same: all ${formatPlural(pairs.length, 'tensor')} are identical, value for value.`,
      );
    const parts = [
      `${formatPlural(changed, 'tensor')} ${changed === 1 ? 'differs' : 'differ'}`,
      `${formatCount(equal)} ${equal === 1 ? 'is' : 'are'} identical`,
      onlyA > 0 && `${onlyA} only in the first file`,
      onlyB > 0 && `${onlyB} only in the second`,
      shape > 0 && `${shape} of another shape`,
      failed > 0 && `${failed} not compared`,
      left > 0 && `besides ${formatPlural(left, 'tensor')} of the steps themselves (gradients, updates)`,
    ];
    setText(this.verdict, `${parts.filter(Boolean).join(', ')}.`);
  }
}

function summaryText(warnings: string[]): string {
  if (warnings.length === 0) return 'What the file says of itself';
  return warnings.length === 1 ? warnings[0] : `${warnings[0]} (and ${formatPlural(warnings.length - 1, 'remark')} more)`;
}

function factsOf(file: ViewedFile): string {
  const { info } = file;
  if (!info) return '';
  const values = info.tensors.reduce((n, t) => n + tensorLength(t), 0);
  return [
    formatName(info.format),
    formatPlural(info.tensors.length, 'tensor'),
    formatPlural(values, 'value'),
    file.bytes !== null && bytesText(file.bytes),
  ]
    .filter(Boolean)
    .join(' · ');
}

function producerRows(file: ViewedFile, hasName: boolean): [string, string][] {
  const rows: [string, string][] = [];
  const add = (prefix: string, object: JsonObject): void => {
    for (const [key, value] of Object.entries(object)) {
      if (value === null || value === undefined) continue;
      if (typeof value === 'object' && !Array.isArray(value) && prefix === '') add(`${key}: `, value as JsonObject);
      else {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        rows.push([`${hasName ? `${file.name}: ` : ''}${prefix}${key}`, text.length > 400 ? `${text.slice(0, 400)} …` : text]);
      }
    }
  };
  add('', file.info?.producer ?? {});
  return rows.slice(0, 60);
}
