// Transcendental functions of four floats at a time, to about two units in the last place; a NaN stays a NaN.
import { madd, nmadd } from './arithmetic';

/** Below this eˣ is no normal float any more. */
const LEAST: f32 = -87.3;

/** eˣ for x in {@link LEAST}…0: 2ⁿ times a polynomial of the rest (Moshier, Cephes, expf). */
// @ts-ignore: decorator
@inline
function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  // ln 2 in two parts, so that the rest is exact.
  const r = nmadd(n, f32x4.splat(-2.1219444e-4), nmadd(n, f32x4.splat(0.693359375), x));
  let p = madd(f32x4.splat(1.98756915e-4), r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  const y = f32x4.add(madd(p, f32x4.mul(r, r), r), f32x4.splat(1));
  return i32x4.add(y, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}

/** 1 / (1 + e⁻ˣ), from e^−|x|, which overflows nowhere. */
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1),
    least = f32x4.splat(LEAST);
  const e = exp4(f32x4.pmax(f32x4.neg(f32x4.abs(x)), least));
  const y = f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
  return v128.andnot(y, f32x4.lt(x, least));
}

/** tanh x: an odd polynomial over an even one (Eigen's rational minimax approximation), which is 1 from 7.9 on. */
export function tanh4(x: v128): v128 {
  const limit: f32 = 7.90531110763549805;
  const v = f32x4.pmax(f32x4.pmin(x, f32x4.splat(limit)), f32x4.splat(-limit));
  const s = f32x4.mul(v, v);
  let p = madd(f32x4.splat(-2.76076847742355e-16), s, f32x4.splat(2.00018790482477e-13));
  p = madd(p, s, f32x4.splat(-8.60467152213735e-11));
  p = madd(p, s, f32x4.splat(5.12229709037114e-8));
  p = madd(p, s, f32x4.splat(1.48572235717979e-5));
  p = madd(p, s, f32x4.splat(6.37261928875436e-4));
  p = madd(p, s, f32x4.splat(4.89352455891786e-3));
  let q = madd(f32x4.splat(1.19825839466702e-6), s, f32x4.splat(1.18534705686654e-4));
  q = madd(q, s, f32x4.splat(2.268434632439e-3));
  q = madd(q, s, f32x4.splat(4.89352518554385e-3));
  return f32x4.div(f32x4.mul(v, p), q);
}
