// Four floats at a time. Compiled twice: with fused multiply-add where the engine has relaxed SIMD, and without. A fused operation
// rounds once instead of twice, so the two builds differ in bits; a run keeps to one of them.

/** a·b + c. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b. */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** Whether {@link madd} rounds once: (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴ then, and 0 otherwise. `at` has room for two floats. */
export function roundsOnce(at: usize): bool {
  store<f32>(at, 1.000244140625);
  store<f32>(at, 1.00048828125, 4);
  const x = v128.load_splat<f32>(at);
  return f32x4.extract_lane(madd(x, x, f32x4.neg(v128.load_splat<f32>(at, 4))), 0) != 0;
}
