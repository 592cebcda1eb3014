import { element } from './dom';
import { icon, type IconName } from './icons';

/** Controls for pages that do without the control toolkit: plain HTML in VS Code's colours. */
export function plainButton(options: {
  label: string;
  kind: 'primary' | 'secondary';
  icon?: IconName;
  hint?: string;
  onPress(): void;
}): HTMLButtonElement {
  return element(
    'button',
    { class: `plain-button ${options.kind}`, title: options.hint, attributes: { type: 'button' }, on: { click: () => options.onPress() } },
    options.icon ? icon(options.icon) : null,
    options.label,
  );
}

export interface PlainChoice<T extends string> {
  root: HTMLElement;
  set(value: T): void;
}

/** One of several, dropped down. */
export function plainChoice<T extends string>(
  label: string,
  options: { value: T; label: string }[],
  onChoose: (value: T) => void,
): PlainChoice<T> {
  const list = element(
    'select',
    { class: 'plain-choice', attributes: { 'aria-label': label } },
    ...options.map((o) => element('option', { text: o.label, attributes: { value: o.value } })),
  );
  list.addEventListener('change', () => onChoose(list.value as T));
  const root = element('label', { class: 'field' }, element('span', { class: 'field-label', text: label }), list);
  return {
    root,
    set(value) {
      if (list.value !== value) list.value = value;
    },
  };
}
