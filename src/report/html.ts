/** Text as it stands in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A number for reading: four significant digits, a true minus sign. */
export function readable(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const text =
    value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
      ? value.toExponential(digits - 1)
      : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, '−');
}

/** `1,234` */
export function counted(value: number): string {
  return value.toLocaleString('en-US');
}
