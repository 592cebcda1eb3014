import { customElement, element, setAttribute, setHidden, setText, type Child } from './dom';
import { icon, type IconName } from './icons';

/** Controls by what they mean. Nobody outside this folder knows which toolkit draws them. */
export interface CommandButton {
  root: HTMLElement;
  setEnabled(isEnabled: boolean): void;
  setLabel(label: string, iconName?: IconName): void;
  setHidden(isHidden: boolean): void;
}

/** `icon` buttons show only their icon; their label is what a screen reader says and what shows on hover. */
export function commandButton(options: {
  label: string;
  kind: 'primary' | 'secondary' | 'icon';
  icon?: IconName;
  onPress(): void;
}): CommandButton {
  const root = customElement('vscode-button', {
    class: `command ${options.kind}`,
    attributes: { appearance: options.kind },
    on: { click: () => !root.hasAttribute('disabled') && options.onPress() },
  });
  let shown: string | null = null;
  const setLabel = (label: string, iconName = options.icon) => {
    const key = `${label} ${iconName ?? ''}`;
    if (key === shown) return;
    shown = key;
    const children: Child[] = [iconName ? icon(iconName) : null, options.kind === 'icon' ? null : label];
    root.replaceChildren(...children.filter((c): c is Node | string => Boolean(c)));
    setAttribute(root, 'aria-label', label);
    if (options.kind === 'icon') root.title = label;
  };
  setLabel(options.label);
  return {
    root,
    setLabel,
    setEnabled: (isEnabled) => setAttribute(root, 'disabled', !isEnabled),
    setHidden: (isHidden) => setHidden(root, isHidden),
  };
}

export interface NumberField {
  root: HTMLElement;
  /** Does not disturb somebody who is typing. */
  set(value: number): void;
  setEnabled(isEnabled: boolean): void;
}

/** Commits on Enter or on leaving the field; Escape takes the typing back. What is no number it says. */
export function numberField(options: {
  label: string;
  hint: string;
  width: number;
  /** What is wrong with a number, or null. */
  check(value: number): string | null;
  onCommit(value: number): void;
}): NumberField {
  const message = element('span', { class: 'field-message', attributes: { role: 'alert', hidden: true } });
  const field = customElement('vscode-text-field', {
    title: options.hint,
    attributes: { size: options.width, 'aria-label': options.label, autocomplete: 'off', spellcheck: 'false' },
  }) as HTMLElement & { value: string };
  field.style.width = `calc(${options.width}ch + 20px)`;
  const root = element('label', { class: 'field' }, element('span', { class: 'field-label', text: options.label }), field, message);
  let shown = NaN;
  let isEditing = false;
  const text = (value: number) => (Number.isFinite(value) ? String(value) : '');
  const complain = (problem: string | null) => {
    setHidden(message, problem === null);
    setText(message, problem ?? '');
    setAttribute(field, 'aria-invalid', problem !== null ? 'true' : null);
  };
  const commit = () => {
    isEditing = false;
    const typed = field.value.trim().replace('−', '-');
    const value = typed === '' ? NaN : Number(typed);
    if (value === shown || typed === text(shown)) return complain(null);
    const problem = Number.isFinite(value) ? options.check(value) : 'Type a number.';
    complain(problem);
    if (problem === null) {
      shown = value;
      options.onCommit(value);
    }
  };
  field.addEventListener('input', () => (isEditing = true));
  field.addEventListener('change', commit);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') commit();
    if (event.key !== 'Escape') return;
    isEditing = false;
    field.value = text(shown);
    complain(null);
  });
  return {
    root,
    set(value) {
      if (isEditing || Object.is(value, shown)) return;
      shown = value;
      field.value = text(value);
    },
    setEnabled: (isEnabled) => setAttribute(field, 'disabled', !isEnabled),
  };
}

export interface Choice<T extends string> {
  root: HTMLElement;
  set(value: T, options?: { value: T; label: string }[]): void;
  setHidden(isHidden: boolean): void;
}

/** One of several, dropped down. */
export function choice<T extends string>(label: string, options: { value: T; label: string }[], onChoose: (value: T) => void): Choice<T> {
  const list = customElement('vscode-dropdown', { attributes: { 'aria-label': label } }) as HTMLElement & { value: string };
  const root = element('div', { class: 'field' }, element('span', { class: 'field-label', text: label }), list);
  let known = '';
  let shown: T | null = null;
  const fill = (items: { value: T; label: string }[]) => {
    const key = JSON.stringify(items);
    if (key === known) return false;
    known = key;
    list.replaceChildren(...items.map((o) => customElement('vscode-option', { text: o.label, attributes: { value: o.value } })));
    return true;
  };
  fill(options);
  list.addEventListener('change', () => {
    if (list.value === shown) return;
    shown = list.value as T;
    onChoose(shown);
  });
  return {
    root,
    set(value, items) {
      const isNew = items ? fill(items) : false;
      if (value === shown && !isNew) return;
      shown = value;
      // The toolkit reads its options a moment after they were put in.
      queueMicrotask(() => (list.value = value));
    },
    setHidden: (isHidden) => setHidden(root, isHidden),
  };
}

export interface Toggle {
  root: HTMLElement;
  set(isOn: boolean): void;
}

export function toggle(label: string, hint: string, onChange: (isOn: boolean) => void): Toggle {
  const box = customElement('vscode-checkbox', { text: label, title: hint }) as HTMLElement & { checked: boolean };
  let shown = false;
  box.addEventListener('change', () => {
    if (box.checked === shown) return;
    shown = box.checked;
    onChange(shown);
  });
  return {
    root: box,
    set(isOn) {
      shown = isOn;
      if (box.checked !== isOn) box.checked = isOn;
    },
  };
}

/** Turns while something is on its way; screen readers hear `label`. */
export function waitingRing(label: string): HTMLElement {
  return customElement('vscode-progress-ring', { attributes: { 'aria-label': label } });
}
