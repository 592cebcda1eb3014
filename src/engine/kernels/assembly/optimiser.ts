// Optimiser steps, in place. Words 0..5 of every job: w, gradient, slot 1, slot 2, n, per; word 6: hyper-parameters, doubles; word 7:
// slot 3. Arithmetic is in double precision in the order of `insight/optimizerRules.ts`, rounded where a value is stored: the very
// same bits.
import { floats, int, ptr } from './args';

// Two floats as doubles, and back.
// @ts-ignore: decorator
@inline
function load2(p: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(p));
}

// @ts-ignore: decorator
@inline
function round2(x: v128): v128 {
  return f32x4.demote_f64x2_zero(x);
}

// @ts-ignore: decorator
@inline
function store2(p: usize, x: v128): void {
  v128.store64_lane(p, x, 0);
}

/** Words of a block of parameters, and how many pairs it has. The last float of an odd number is padded by its neighbour in memory. */
// @ts-ignore: decorator
@inline
function hyper(h: usize, i: usize): v128 {
  return v128.load64_splat(h + (i << 3));
}

/** A gradient with what PyTorch's weight decay adds to it: g + decay·w. */
// @ts-ignore: decorator
@inline
function coupled2(g: v128, w: v128, decay: v128): v128 {
  return f64x2.promote_low_f32x4(round2(f64x2.add(g, f64x2.mul(decay, w))));
}

/** {@link coupled2} of one value. */
// @ts-ignore: decorator
@inline
function coupled(g: f64, w: f64, decay: f64): f64 {
  return decay != 0 ? <f64>(<f32>(g + decay * w)) : g;
}

/** Decoupled weight decay: w − w·decay. */
// @ts-ignore: decorator
@inline
function decayed(w: v128, decay: v128): v128 {
  return f64x2.promote_low_f32x4(round2(f64x2.sub(w, f64x2.mul(w, decay))));
}

/** Job: Adam (Kingma and Ba, 2015), with AMSGrad when slot 3 is given. Hyper-parameters: rate, 1 − β₁, 1 − β₂, ε, decay, coupled decay. */
export function adamJob(a: usize, item: i32): void {
  const h = ptr(a, 6),
    per = int(a, 5),
    end = min(int(a, 4), (item + 1) * per);
  const rate = hyper(h, 0),
    n1 = hyper(h, 1),
    n2 = hyper(h, 2),
    epsilon = hyper(h, 3),
    decay = hyper(h, 4),
    coupling = hyper(h, 5);
  const decays = load<f64>(h, 32) != 0,
    isCoupled = load<f64>(h, 40) != 0;
  for (let i = item * per; i < end; i += 2) {
    const o = floats(i);
    if (i + 1 == end) {
      adamOne(a, h, o);
      break;
    }
    let g = load2(ptr(a, 1) + o);
    if (isCoupled) g = coupled2(g, load2(ptr(a, 0) + o), coupling);
    const m0 = load2(ptr(a, 2) + o),
      v0 = load2(ptr(a, 3) + o);
    const m32 = round2(f64x2.add(m0, f64x2.mul(f64x2.sub(g, m0), n1))),
      v32 = round2(f64x2.add(v0, f64x2.mul(f64x2.sub(f64x2.mul(g, g), v0), n2)));
    store2(ptr(a, 2) + o, m32);
    store2(ptr(a, 3) + o, v32);
    let v = f64x2.promote_low_f32x4(v32);
    if (ptr(a, 7)) {
      const top = round2(f64x2.max(v, load2(ptr(a, 7) + o)));
      store2(ptr(a, 7) + o, top);
      v = f64x2.promote_low_f32x4(top);
    }
    let w = load2(ptr(a, 0) + o);
    if (decays) w = decayed(w, decay);
    const step = f64x2.div(f64x2.mul(f64x2.promote_low_f32x4(m32), rate), f64x2.add(f64x2.sqrt(v), epsilon));
    store2(ptr(a, 0) + o, round2(f64x2.sub(w, step)));
  }
}

/** {@link adamJob} for the value at `o`. */
function adamOne(a: usize, h: usize, o: usize): void {
  const g = coupled(load<f32>(ptr(a, 1) + o), load<f32>(ptr(a, 0) + o), load<f64>(h, 40));
  let m: f64 = load<f32>(ptr(a, 2) + o),
    v: f64 = load<f32>(ptr(a, 3) + o);
  m = <f64>(<f32>(m + (g - m) * load<f64>(h, 8)));
  v = <f64>(<f32>(v + (g * g - v) * load<f64>(h, 16)));
  store<f32>(ptr(a, 2) + o, <f32>m);
  store<f32>(ptr(a, 3) + o, <f32>v);
  if (ptr(a, 7)) {
    v = max(v, <f64>load<f32>(ptr(a, 7) + o));
    store<f32>(ptr(a, 7) + o, <f32>v);
  }
  let w: f64 = load<f32>(ptr(a, 0) + o);
  const decay = load<f64>(h, 32);
  if (decay != 0) w = <f64>(<f32>(w - w * decay));
  store<f32>(ptr(a, 0) + o, <f32>(w - (m * load<f64>(h)) / (Math.sqrt(v) + load<f64>(h, 24))));
}

/**
 * Job: gradient descent, with momentum when slot 1 is given. Hyper-parameters: rate, momentum, Nesterov (0 or 1), decay, coupled decay,
 * whether the momentum is PyTorch's (0 or 1), the gradient's share in that.
 */
export function sgdJob(a: usize, item: i32): void {
  const h = ptr(a, 6),
    end = min(int(a, 4), (item + 1) * int(a, 5));
  const rate = load<f64>(h),
    momentum = load<f64>(h, 8),
    nesterov = load<f64>(h, 16) != 0,
    decay = load<f64>(h, 24),
    coupling = load<f64>(h, 32),
    isTorch = load<f64>(h, 40) != 0,
    share = load<f64>(h, 48);
  const slot = ptr(a, 2);
  for (let i = item * int(a, 5); i < end; i++) {
    const o = floats(i);
    let w: f64 = load<f32>(ptr(a, 0) + o);
    const g = coupled(load<f32>(ptr(a, 1) + o), w, coupling);
    if (decay != 0) w = <f64>(<f32>(w - w * decay));
    if (slot) {
      const m0: f64 = load<f32>(slot + o);
      const m = <f64>(<f32>(isTorch ? momentum * m0 + share * g : momentum * m0 - rate * g));
      store<f32>(slot + o, <f32>m);
      if (isTorch) w -= rate * (nesterov ? g + momentum * m : m);
      else w += nesterov ? momentum * m - rate * g : m;
    } else w -= rate * g;
    store<f32>(ptr(a, 0) + o, <f32>w);
  }
}

/**
 * Job: RMSprop. Slot 1: mean of squares; slot 2: momentum or 0; slot 3: mean of gradients when centred, else 0. Hyper-parameters:
 * rate, ρ, 1 − ρ, momentum, ε, decay, coupled decay, whether it is PyTorch's (0 or 1), which adds ε to the root and leaves the rate out of
 * the momentum.
 */
export function rmspropJob(a: usize, item: i32): void {
  const h = ptr(a, 6),
    end = min(int(a, 4), (item + 1) * int(a, 5));
  const rate = load<f64>(h),
    rho = load<f64>(h, 8),
    rest = load<f64>(h, 16),
    momentum = load<f64>(h, 24),
    epsilon = load<f64>(h, 32),
    decay = load<f64>(h, 40),
    coupling = load<f64>(h, 48),
    isTorch = load<f64>(h, 56) != 0;
  for (let i = item * int(a, 5); i < end; i++) {
    const o = floats(i);
    let w: f64 = load<f32>(ptr(a, 0) + o);
    const g = coupled(load<f32>(ptr(a, 1) + o), w, coupling);
    if (decay != 0) w = <f64>(<f32>(w - w * decay));
    const v = <f64>(<f32>(rho * <f64>load<f32>(ptr(a, 2) + o) + rest * g * g));
    store<f32>(ptr(a, 2) + o, <f32>v);
    let spread = isTorch ? v : v + epsilon;
    if (ptr(a, 7)) {
      const mean = <f64>(<f32>(rho * <f64>load<f32>(ptr(a, 7) + o) + rest * g));
      store<f32>(ptr(a, 7) + o, <f32>mean);
      spread -= mean * mean;
    }
    let step = isTorch ? g / (Math.sqrt(spread) + epsilon) : (rate * g) / Math.sqrt(spread);
    if (ptr(a, 3)) {
      step = <f64>(<f32>(momentum * <f64>load<f32>(ptr(a, 3) + o) + step));
      store<f32>(ptr(a, 3) + o, <f32>step);
    }
    store<f32>(ptr(a, 0) + o, <f32>(w - (isTorch ? rate * step : step)));
  }
}

/** Job: average ← average·momentum + value·(1 − momentum). Words: average, value, n, momentum, 1 − momentum. */
export function movingAverageJob(a: usize): void {
  const momentum = load<f32>(a + 12),
    rest = load<f32>(a + 16);
  for (let i = 0; i < int(a, 2); i++) {
    const p = ptr(a, 0) + floats(i);
    store<f32>(p, load<f32>(p) * momentum + load<f32>(ptr(a, 1) + floats(i)) * rest);
  }
}

/** Job: marks a flag per item when a value is infinite or not a number. Words: values, n, per, flags. */
export function finiteJob(a: usize, item: i32): void {
  const end = min(int(a, 1), (item + 1) * int(a, 2));
  const exponent = i32x4.splat(0x7f800000);
  let any = i32x4.splat(0);
  let i = item * int(a, 2);
  for (; i + 4 <= end; i += 4) {
    const v = v128.load(ptr(a, 0) + floats(i));
    any = v128.or(any, i32x4.eq(v128.and(v, exponent), exponent));
  }
  let bad = v128.any_true(any);
  for (; i < end; i++) if ((load<u32>(ptr(a, 0) + floats(i)) & 0x7f800000) == 0x7f800000) bad = true;
  store<i32>(ptr(a, 3) + floats(item), bad ? 1 : 0);
}
