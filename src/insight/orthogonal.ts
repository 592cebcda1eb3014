import type { Random } from '../common/random';

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`: Gram-Schmidt, done twice for accuracy, on normal
 * draws, which gives the uniform (Haar) distribution that Keras's Orthogonal draws by QR. The shape is flattened to […, last].
 */
export function orthogonal(shape: number[], gain: number, random: Random): Float32Array {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.reduce((a, b) => a * b, 1) / columns;
  const [many, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  while (vectors.length < many) {
    const v = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const u of vectors) {
        const dot = u.reduce((sum, x, i) => sum + x * v[i], 0);
        for (let i = 0; i < length; i++) v[i] -= dot * u[i];
      }
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    if (norm < 1e-8) continue;
    vectors.push(v.map((x) => x / norm));
  }
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) values[r * columns + c] = gain * (rows < columns ? vectors[r][c] : vectors[c][r]);
  return values;
}
