// Arguments of a job: 32-bit words, written by `launch.ts`.

/** Word `i` as a signed integer. */
// @ts-ignore: decorator
@inline
export function int(a: usize, i: i32): i32 {
  return load<i32>(a + (<usize>i << 2));
}

/** Word `i` as an address, or a number of bytes. */
// @ts-ignore: decorator
@inline
export function ptr(a: usize, i: i32): usize {
  return load<usize>(a + (<usize>i << 2));
}

/** Word `i` as a float. */
// @ts-ignore: decorator
@inline
export function num(a: usize, i: i32): f32 {
  return load<f32>(a + (<usize>i << 2));
}

/** Bytes of `n` floats. */
// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return <usize>n << 2;
}
