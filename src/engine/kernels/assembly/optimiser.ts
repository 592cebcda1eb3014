// Optimiser steps, in place. Words 0..5 of every job: w, gradient, slot 1, slot 2, n, per; word 6: hyper-parameters.
import { floats, int, ptr } from './args';

/**
 * Job (one item): running powers of Adam's betas. Words: beta1^t, beta2^t (0-dimensional tensors), hyper-parameters
 * [learning rate, beta1, beta2, epsilon, 1/(1 − beta1^t), 1/(1 − beta2^t)], of which the last two are written.
 */
export function adamPowersJob(a: usize): void {
  const h = ptr(a, 2);
  const power1 = load<f32>(ptr(a, 0)),
    power2 = load<f32>(ptr(a, 1));
  store<f32>(h, <f32>(1.0 / (1.0 - <f64>power1)), 16);
  store<f32>(h, <f32>(1.0 / (1.0 - <f64>power2)), 20);
  store<f32>(ptr(a, 0), power1 * load<f32>(h, 4));
  store<f32>(ptr(a, 1), power2 * load<f32>(h, 8));
}

/** Job: Adam. Kingma and Ba, 2015. */
export function adamJob(a: usize, item: i32): void {
  const h = ptr(a, 6);
  const rate = load<f32>(h),
    beta1 = load<f32>(h, 4),
    beta2 = load<f32>(h, 8),
    epsilon = load<f32>(h, 12),
    correct1 = load<f32>(h, 16),
    correct2 = load<f32>(h, 20);
  let i = item * int(a, 5);
  const end = min(int(a, 4), i + int(a, 5));
  const o = floats(i);
  let w = ptr(a, 0) + o,
    g = ptr(a, 1) + o,
    m = ptr(a, 2) + o,
    v = ptr(a, 3) + o;
  const b1 = f32x4.splat(beta1),
    b2 = f32x4.splat(beta2),
    n1 = f32x4.splat(<f32>1 - beta1),
    n2 = f32x4.splat(<f32>1 - beta2),
    k1 = f32x4.splat(correct1),
    k2 = f32x4.splat(correct2),
    lr = f32x4.splat(rate),
    eps = f32x4.splat(epsilon);
  for (; i + 4 <= end; i += 4) {
    const d = v128.load(g);
    const mean = f32x4.add(f32x4.mul(v128.load(m), b1), f32x4.mul(d, n1));
    const square = f32x4.add(f32x4.mul(v128.load(v), b2), f32x4.mul(f32x4.mul(d, d), n2));
    v128.store(m, mean);
    v128.store(v, square);
    const step = f32x4.div(f32x4.mul(mean, k1), f32x4.add(f32x4.sqrt(f32x4.mul(square, k2)), eps));
    v128.store(w, f32x4.sub(v128.load(w), f32x4.mul(lr, step)));
    w += 16;
    g += 16;
    m += 16;
    v += 16;
  }
  for (; i < end; i++) {
    const d = load<f32>(g);
    const mean: f32 = load<f32>(m) * beta1 + d * (<f32>1 - beta1);
    const square: f32 = load<f32>(v) * beta2 + d * d * (<f32>1 - beta2);
    store<f32>(m, mean);
    store<f32>(v, square);
    store<f32>(w, load<f32>(w) - rate * ((mean * correct1) / (sqrt<f32>(square * correct2) + epsilon)));
    w += 4;
    g += 4;
    m += 4;
    v += 4;
  }
}

/** Job: plain gradient descent, or with momentum in slot 1. Hyper-parameters: learning rate, momentum, Nesterov (0 or 1). */
export function sgdJob(a: usize, item: i32): void {
  const h = ptr(a, 6);
  const rate = load<f32>(h),
    momentum = load<f32>(h, 4),
    nesterov = load<f32>(h, 8) != 0;
  let i = item * int(a, 5);
  const end = min(int(a, 4), i + int(a, 5));
  const o = floats(i);
  let w = ptr(a, 0) + o,
    g = ptr(a, 1) + o,
    m = ptr(a, 2) + o;
  const lr = f32x4.splat(rate),
    mu = f32x4.splat(momentum);
  const withSlot = ptr(a, 2) != 0;
  for (; i + 4 <= end; i += 4) {
    let step = v128.load(g);
    if (withSlot) {
      const velocity = f32x4.add(f32x4.mul(v128.load(m), mu), step);
      v128.store(m, velocity);
      step = nesterov ? f32x4.add(step, f32x4.mul(velocity, mu)) : velocity;
      m += 16;
    }
    v128.store(w, f32x4.sub(v128.load(w), f32x4.mul(step, lr)));
    w += 16;
    g += 16;
  }
  for (; i < end; i++) {
    let step = load<f32>(g);
    if (withSlot) {
      const velocity: f32 = load<f32>(m) * momentum + step;
      store<f32>(m, velocity);
      step = nesterov ? step + velocity * momentum : velocity;
      m += 4;
    }
    store<f32>(w, load<f32>(w) - step * rate);
    w += 4;
    g += 4;
  }
}

/**
 * Job: RMSprop. Slot 1: mean of squares; slot 2: momentum; word 7: mean of gradients when centred, else 0. Hyper-parameters:
 * learning rate, decay, momentum, epsilon.
 */
export function rmspropJob(a: usize, item: i32): void {
  const h = ptr(a, 6);
  const rate = load<f32>(h),
    decay = load<f32>(h, 4),
    momentum = load<f32>(h, 8),
    epsilon = load<f32>(h, 12);
  const end = min(int(a, 4), (item + 1) * int(a, 5));
  for (let i = item * int(a, 5); i < end; i++) {
    const o = floats(i);
    const g = load<f32>(ptr(a, 1) + o);
    const square: f32 = load<f32>(ptr(a, 2) + o) * decay + g * g * (<f32>1 - decay);
    store<f32>(ptr(a, 2) + o, square);
    let spread = square;
    if (ptr(a, 7)) {
      const mean: f32 = load<f32>(ptr(a, 7) + o) * decay + g * (<f32>1 - decay);
      store<f32>(ptr(a, 7) + o, mean);
      spread -= mean * mean;
    }
    const step: f32 = load<f32>(ptr(a, 3) + o) * momentum + (rate * g) / sqrt<f32>(spread + epsilon);
    store<f32>(ptr(a, 3) + o, step);
    store<f32>(ptr(a, 0) + o, load<f32>(ptr(a, 0) + o) - step);
  }
}

/** Job: average ← average − (average − value)·(1 − momentum). Words: average, value, n, momentum. */
export function movingAverageJob(a: usize): void {
  const rate: f32 = <f32>1 - load<f32>(a + 12);
  for (let i = 0; i < int(a, 2); i++) {
    const p = ptr(a, 0) + floats(i);
    store<f32>(p, load<f32>(p) - (load<f32>(p) - load<f32>(ptr(a, 1) + floats(i))) * rate);
  }
}
