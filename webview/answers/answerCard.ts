import { element, setAttribute, setText } from '../ui/dom';

/** A question with its answer in one line, and the evidence behind it, folded away until asked for. */
export class AnswerCard {
  readonly root = element('details', { class: 'answer' });
  readonly body = element('div', { class: 'answer-body' });
  private wasOpen = false;
  private readonly short = element('span', { class: 'answer-short' });

  constructor(
    readonly id: string,
    question: string,
    onToggle: (id: string, isOpen: boolean) => void,
  ) {
    this.root.append(element('summary', {}, element('span', { class: 'answer-question', text: question }), this.short), this.body);
    setAttribute(this.root, 'data-answer', id);
    this.root.addEventListener('toggle', () => onToggle(id, this.root.open));
  }

  setShort(text: string): void {
    setText(this.short, text);
  }

  setOpen(isOpen: boolean): void {
    // Only when the intent changed: somebody's click may be ahead of its toggle event.
    if (isOpen !== this.wasOpen) this.root.open = this.wasOpen = isOpen;
  }
}
