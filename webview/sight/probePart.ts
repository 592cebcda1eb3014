import type { AtStep } from '../../src/common/probeProtocol';
import { CancelledError } from '../../src/base/channel';
import type { PanelContext } from '../panel/context';
import { commandButton } from '../ui/controls';
import { element, setAttribute, setHidden, setText } from '../ui/dom';

export interface ProbePartOptions<R> {
  /** Kept among the panel's unfolded answers. */
  id: string;
  question: string;
  /** What it will show, for somebody who has not unfolded it. */
  hint: string;
  /** When given, nothing is asked before this button is pressed: the answer takes the training thread's time. */
  button?: string;
  /** What is to be chosen before the button is pressed. */
  controls?: HTMLElement;
  /** @param at the moment of the run that is shown */
  ask(signal: AbortSignal, at: AtStep): Promise<R>;
  show(result: R): void;
}

/**
 * A question about the kernel or weight that is looked at, which the training thread answers by looking into the network. Asked when it is
 * unfolded and when something else is looked at; while training goes on the answer stays, with the step that it is of, until asked again.
 */
export class ProbePart<R> {
  readonly root = element('details', { class: 'answer probe' });
  private readonly content = element('div', { class: 'probe-content', attributes: { hidden: true } });
  private readonly status = element('p', { class: 'hint', attributes: { role: 'status' } });
  private readonly again;
  private asked = '';
  private shown = '';
  private calling: AbortController | null = null;
  private isPressed = false;
  private wasOpen = false;
  /** The answer that is shown, the theme whose colours it was drawn in, and the earlier step that it is of. */
  private result: { value: R; theme: string; past: number | null } | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly options: ProbePartOptions<R>,
    ...content: Node[]
  ) {
    this.again = commandButton({
      label: options.button ?? 'Look again',
      kind: 'secondary',
      onPress: () => {
        this.isPressed = true;
        this.asked = '';
        context.requestDraw();
      },
    });
    this.content.append(...content);
    setAttribute(this.root, 'data-answer', options.id);
    this.root.append(
      element(
        'summary',
        {},
        element('span', { class: 'answer-question', text: options.question }),
        element('span', { class: 'answer-short', text: options.hint }),
      ),
      element('div', { class: 'answer-body' }, this.content, this.status, options.controls ?? '', this.again.root),
    );
    this.root.addEventListener('toggle', () => {
      const { answers } = context.intent;
      const { id } = options;
      if (answers.includes(id) === this.root.open) return;
      context.change({ answers: this.root.open ? [...answers, id] : answers.filter((a) => a !== id) });
    });
  }

  /**
   * @param subject what is looked at: another one makes the answer void
   * @param variant how it is looked at: the answer stays until the new one is there
   * @param step of the newest weights; where an earlier step is shown, that one is looked into
   */
  draw(subject: string, variant: string, step: number, isMoving: boolean): void {
    const { intent, run } = this.context;
    const isOpen = intent.answers.includes(this.options.id);
    // Only when the intent changed: somebody's click may be ahead of its toggle event.
    if (isOpen !== this.wasOpen) this.root.open = this.wasOpen = isOpen;
    if (!isOpen) return this.cancel();
    if (this.result && this.result.theme !== this.context.theme) this.show(this.result.value, this.result.past);
    if (this.shown !== '' && !this.shown.startsWith(`${subject} `)) this.clear();
    const past = run.isPast ? (run.shown?.step ?? null) : null;
    const isWaiting = isMoving && past === null;
    // What a button asked for is of one moment only, and is not asked for again by moving on the time line.
    if (this.options.button !== undefined && this.result && this.result.past !== past) this.clear();
    const key = `${subject} ${variant} ${isWaiting ? 'moving' : past === null ? step : `past ${past}`}`;
    const isWanted = this.options.button === undefined || this.isPressed;
    this.again.setHidden(this.calling !== null || (this.options.button === undefined && !isWaiting));
    if (!isWanted || key === this.asked) return;
    // While training goes on one look has to do, until another is asked for.
    if (isWaiting && this.asked.startsWith(`${subject} ${variant} `) && !this.asked.includes(' past ')) return;
    this.asked = key;
    void this.call(key, past === null ? {} : { step: past });
  }

  private async call(key: string, at: AtStep): Promise<void> {
    this.cancel();
    const calling = (this.calling = new AbortController());
    this.say('Looking into the network…');
    try {
      const result = await this.options.ask(calling.signal, at);
      if (this.calling !== calling) return;
      this.show(result, at.step ?? null);
      this.shown = key;
      setHidden(this.content, false);
      this.say('');
    } catch (error) {
      if (this.calling !== calling) return;
      this.clear();
      if (!(error instanceof CancelledError)) this.say((error as Error).message);
    }
    this.calling = null;
    if (this.options.button !== undefined) this.isPressed = false;
    this.context.requestDraw();
  }

  private show(value: R, past: number | null): void {
    this.result = { value, theme: this.context.theme, past };
    this.options.show(value);
  }

  private say(text: string): void {
    setText(this.status, text);
    setHidden(this.status, text === '');
  }

  private clear(): void {
    this.shown = '';
    this.result = null;
    setHidden(this.content, true);
  }

  private cancel(): void {
    this.calling?.abort();
    this.calling = null;
  }
}
