import { formatNumber, formatSigned } from '../ui/format';

/**
 * What a map of numbers looks like, for those who can't see it: how much of it is positive and negative, and where it is strongest.
 * @param values rows × columns, row by row
 */
export function mapWords(values: Float32Array, [rows, columns]: readonly [number, number]): string {
  let [up, down, best] = [0, 0, 0];
  values.forEach((v, i) => {
    if (v > 0) up++;
    if (v < 0) down++;
    if (Math.abs(v) > Math.abs(values[best])) best = i;
  });
  const size = `${rows} by ${columns}`;
  if (up + down === 0) return `${size}, 0 everywhere`;
  const percent = (count: number) => `${formatNumber((100 * count) / values.length, 2)} %`;
  const below = down > 0 ? `, below 0 at ${percent(down)}` : '';
  const place = `row ${Math.floor(best / columns)}, column ${best % columns}`;
  return `${size}: above 0 at ${percent(up)} of the places${below}; strongest ${formatSigned(values[best], 3)} at ${place}`;
}
