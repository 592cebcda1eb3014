// Moving elements about: slices, joins, transposes, repetitions, padding.
import { floats, int, ptr } from './args';

/**
 * Job: y[i·Sy] = x[i·Sx] over five dimensions, an item being one index of the first. Words: x, y, then per dimension: size, stride in
 * x, stride in y, in elements.
 */
export function copyJob(a: usize, item: i32): void {
  const n1 = int(a, 5),
    n2 = int(a, 8),
    n3 = int(a, 11),
    n4 = int(a, 14),
    sx = int(a, 15),
    sy = int(a, 16);
  const x0 = ptr(a, 0) + floats(item * int(a, 3)),
    y0 = ptr(a, 1) + floats(item * int(a, 4));
  const bytes = floats(n4);
  for (let i = 0; i < n1; i++)
    for (let j = 0; j < n2; j++)
      for (let k = 0; k < n3; k++) {
        let x = x0 + floats(i * int(a, 6) + j * int(a, 9) + k * int(a, 12)),
          y = y0 + floats(i * int(a, 7) + j * int(a, 10) + k * int(a, 13));
        if (sx == 1 && sy == 1) memory.copy(y, x, bytes);
        else
          for (let l = 0; l < n4; l++) {
            store<f32>(y, load<f32>(x));
            x += floats(sx);
            y += floats(sy);
          }
      }
}
