import { element, setAttribute, setText } from './dom';

export interface SegmentedOption<T extends string> {
  value: T;
  label: string;
  /** Shown on hover. */
  hint?: string;
  isDisabled?: boolean;
}

export interface Segmented<T extends string> {
  root: HTMLElement;
  set(value: T, options?: SegmentedOption<T>[]): void;
}

/** A few choices side by side, one of them on: a radio group with one tab stop and arrow keys. */
export function segmented<T extends string>(label: string, options: SegmentedOption<T>[], onChoose: (value: T) => void): Segmented<T> {
  const root = element('div', { class: 'segmented', attributes: { role: 'radiogroup', 'aria-label': label } });
  let current: SegmentedOption<T>[] = [];
  let chosen: T | null = null;

  const move = (by: number) => {
    const usable = current.filter((o) => !o.isDisabled);
    const at = usable.findIndex((o) => o.value === chosen);
    const next = usable[(at + by + usable.length) % usable.length];
    if (!next) return;
    onChoose(next.value);
    root.querySelector<HTMLElement>(`[data-value="${CSS.escape(next.value)}"]`)?.focus();
  };
  root.addEventListener('keydown', (e) => {
    if (e.key === 'ArrowRight' || e.key === 'ArrowDown') move(1);
    else if (e.key === 'ArrowLeft' || e.key === 'ArrowUp') move(-1);
    else return;
    e.preventDefault();
  });

  const build = (list: SegmentedOption<T>[]) => {
    current = list;
    root.replaceChildren(
      ...list.map((o) =>
        element('button', {
          class: 'segment',
          text: o.label,
          title: o.hint,
          attributes: { type: 'button', role: 'radio', 'data-value': o.value },
          on: { click: () => onChoose(o.value) },
        }),
      ),
    );
  };
  build(options);
  return {
    root,
    set(value, list) {
      const sameLabels = !list || (list.length === current.length && list.every((o, i) => o.value === current[i].value));
      if (!sameLabels) build(list);
      if (list) current = list;
      chosen = value;
      current.forEach((o, i) => {
        const button = root.children[i] as HTMLButtonElement;
        setText(button, o.label);
        setAttribute(button, 'aria-checked', String(o.value === value));
        button.tabIndex = o.value === value ? 0 : -1;
        button.disabled = o.isDisabled ?? false;
        if (o.hint && button.title !== o.hint) button.title = o.hint;
      });
    },
  };
}
