/** Text as it stands in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A number for reading: four significant digits, a true minus sign. */
export function readable(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(digits));
  const isFar = rounded !== 0 && (Math.abs(rounded) < 1e-3 || Math.abs(rounded) >= 1e6);
  const text = isFar ? rounded.toExponential() : String(rounded);
  return text.replace(/-/g, '−');
}

/** `1,234` */
export function counted(value: number): string {
  return value.toLocaleString('en-US');
}
