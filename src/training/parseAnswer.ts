import type { JsonValue } from '../common/json';

/**
 * A value as a person types it: a number, `True`, text with or without quotes, or several of them, as in `(28, 28, 1)`. Undefined when
 * it is none. Nothing is evaluated.
 */
export function parseAnswer(text: string): JsonValue | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const list = /^[([](.*)[)\]]$/s.exec(trimmed);
  if (list) {
    const items = list[1].split(',').map((part) => part.trim());
    if (items.at(-1) === '') items.pop();
    const values = items.map(parseAnswer);
    return values.every((v) => v !== undefined) ? (values as JsonValue[]) : undefined;
  }
  if (/^(true|false)$/i.test(trimmed)) return /^t/i.test(trimmed);
  if (/^(none|null)$/i.test(trimmed)) return null;
  const quoted = /^(['"])(.*)\1$/s.exec(trimmed);
  if (quoted) return quoted[2];
  const number = Number(trimmed.replace(/_(?=\d)/g, ''));
  if (Number.isFinite(number)) return number;
  return /^[\w./ -]+$/.test(trimmed) ? trimmed : undefined;
}

/** A value as Python writes it. */
export function answerText(value: JsonValue): string {
  if (Array.isArray(value)) return `(${value.map(answerText).join(', ')}${value.length === 1 ? ',' : ''})`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
