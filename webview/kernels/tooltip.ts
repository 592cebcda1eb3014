import { element, setHidden, setText } from '../ui/dom';

export interface TooltipText {
  title: string;
  rows: [label: string, value: string][];
}

/** The one tooltip of a page, beside what is pointed at or has the focus. Screen readers get the same numbers as that thing's label. */
export class Tooltip {
  readonly root = element('div', { class: 'tooltip', attributes: { hidden: true, 'aria-hidden': 'true' } });
  private readonly title = element('div', { class: 'tooltip-title' });
  private readonly rows = element('dl', { class: 'tooltip-rows' });

  constructor() {
    this.root.append(this.title, this.rows);
    document.body.append(this.root);
  }

  /** @param anchor in viewport coordinates; the tooltip stays inside the window. */
  show(text: TooltipText, anchor: DOMRect): void {
    setText(this.title, text.title);
    while (this.rows.childElementCount < text.rows.length * 2) this.rows.append(element('dt'), element('dd'));
    while (this.rows.childElementCount > text.rows.length * 2) this.rows.lastElementChild?.remove();
    text.rows.forEach(([label, value], i) => {
      setText(this.rows.children[i * 2], label);
      setText(this.rows.children[i * 2 + 1], value);
    });
    setHidden(this.root, false);
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const left = Math.max(4, Math.min(anchor.left, window.innerWidth - width - 4));
    const below = anchor.bottom + 8;
    const top = below + height < window.innerHeight - 4 ? below : Math.max(4, anchor.top - height - 8);
    this.root.style.left = `${left}px`;
    this.root.style.top = `${top}px`;
  }

  hide(): void {
    setHidden(this.root, true);
  }
}
