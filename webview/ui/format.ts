const MINUS = '−';
const COUNT = new Intl.NumberFormat('en-US');

/** About `digits` significant digits, with a real minus sign: −0.0831, 1.2e−7, 320. */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  let text: string;
  if (size >= 1e6 || size < 1e-4)
    text = size
      .toExponential(Math.max(0, digits - 2))
      .replace(/\.?0+e/, 'e')
      .replace('e-', `e${MINUS}`)
      .replace('e+', 'e');
  else text = String(Number(size.toPrecision(digits)));
  return value < 0 ? MINUS + text : text;
}

/** The same with a plus sign before positive numbers. */
export function formatSigned(value: number, digits = 4): string {
  return value > 0 ? `+${formatNumber(value, digits)}` : formatNumber(value, digits);
}

/** A fixed number of decimals, signed and so of one width, for tables. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const text = Math.abs(value).toFixed(decimals);
  return (value < 0 ? MINUS : value > 0 ? '+' : ' ') + text;
}

/** 1,234,567 */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? COUNT.format(Math.round(value)) : '?';
}

/** `1 kernel`, `32 kernels` */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** 5 s, 1:05, 2:03:00 */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
}

/** 3 × 3 × 1 */
export function formatShape(shape: readonly (number | null)[]): string {
  return shape.map((n) => (n === null ? '?' : String(n))).join(' × ');
}

/** `p = 0.032`, and below a thousandth only that. */
export function formatP(value: number): string {
  return value < 0.001 ? 'p < 0.001' : `p = ${formatNumber(value, 2)}`;
}
