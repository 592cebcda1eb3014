// Gradients of a convolution under max pooling by 2×2: of each four pixels of a channel only the winner has a gradient, and with a relu
// in between only where it is positive. So winners are listed, channel by channel, and only they are multiplied: a quarter of the
// arithmetic of a direct convolution, or less.
//
// Filters and their gradients are laid out by output channel: [cout][kh][run], where a run is a window's row, kw·cin floats, rounded up to
// whole vectors.
import { floats, int, ptr } from './args';
import { madd } from './arithmetic';
import { padImage } from './convolution';
import { NOBODY } from './poolTwo';

/** Bytes of a list's entry: where the winner's window begins in the image, and its gradient. */
const ENTRY: usize = 8;

/** Where the lists of four channels end. */
let end0: usize = 0;
let end1: usize = 0;
let end2: usize = 0;
let end3: usize = 0;

/**
 * Lists the winners of channels c..c+4 in the windows of rows r0..r1, in order, at `lists`, `room` bytes apart. Words as of
 * {@link pooledGradJob}.
 */
function listWinners(a: usize, item: i32, c: i32, r0: i32, r1: i32, lists: usize, room: usize): void {
  const mapW = int(a, 10),
    poolH = int(a, 12),
    poolW = int(a, 13),
    pixel = floats(int(a, 14)),
    rectify = int(a, 15) != 0,
    down = int(a, 16),
    across = int(a, 17);
  const row = <usize>mapW * pixel;
  const map = ptr(a, 7) + <usize>item * <usize>int(a, 11) * row + floats(c);
  const at = (<usize>item * <usize>(poolH * poolW) + <usize>(r0 * poolW)) * pixel + floats(c);
  let pooled = ptr(a, 8) + at,
    dy = ptr(a, 9) + at;
  let q0 = lists,
    q1 = q0 + room,
    q2 = q1 + room,
    q3 = q2 + room;
  const zero = f32x4.splat(0),
    entry = i32x4.splat(<i32>ENTRY);
  for (let i = r0; i < r1; i++) {
    let s = map + <usize>(2 * i) * row;
    let base = 2 * i * down;
    for (let j = 0; j < poolW; j++) {
      const best = v128.load(pooled);
      let g = v128.load(dy);
      if (rectify) g = v128.and(g, f32x4.gt(best, zero));
      const hit0 = f32x4.eq(v128.load(s), best),
        hit1 = f32x4.eq(v128.load(s + pixel), best),
        hit2 = f32x4.eq(v128.load(s + row), best),
        hit3 = f32x4.eq(v128.load(s + row + pixel), best);
      g = v128.and(g, v128.or(v128.or(hit0, hit1), v128.or(hit2, hit3)));
      const below = v128.bitselect(i32x4.splat(base + down), i32x4.splat(base + down + across), hit2);
      const offset = v128.bitselect(i32x4.splat(base), v128.bitselect(i32x4.splat(base + across), below, hit1), hit0);
      const low = v128.shuffle<i32>(offset, g, 0, 4, 1, 5),
        high = v128.shuffle<i32>(offset, g, 2, 6, 3, 7);
      const more = v128.and(f32x4.ne(g, zero), entry);
      v128.store64_lane(q0, low, 0);
      v128.store64_lane(q1, low, 1);
      v128.store64_lane(q2, high, 0);
      v128.store64_lane(q3, high, 1);
      q0 += i32x4.extract_lane(more, 0);
      q1 += i32x4.extract_lane(more, 1);
      q2 += i32x4.extract_lane(more, 2);
      q3 += i32x4.extract_lane(more, 3);
      s += 2 * pixel;
      base += 2 * across;
      pooled += pixel;
      dy += pixel;
    }
  }
  end0 = q0;
  end1 = q1;
  end2 = q2;
  end3 = q3;
}

/**
 * {@link listWinners} from the bytes that say who won, which the pooling left: word 7 is their address. Whether only positive maxima count,
 * it has decided.
 */
function listKnownWinners(a: usize, item: i32, c: i32, r0: i32, r1: i32, lists: usize, room: usize): void {
  const poolH = int(a, 12),
    poolW = int(a, 13),
    cout = int(a, 14),
    down = int(a, 16),
    across = int(a, 17);
  const at = (item * poolH + r0) * poolW * cout + c;
  let winner = ptr(a, 7) + <usize>at,
    dy = ptr(a, 9) + floats(at);
  let q0 = lists,
    q1 = q0 + room,
    q2 = q1 + room,
    q3 = q2 + room;
  const zero = f32x4.splat(0),
    entry = i32x4.splat(<i32>ENTRY),
    one = i32x4.splat(1),
    two = i32x4.splat(2),
    nobody = i32x4.splat(NOBODY),
    right = i32x4.splat(across),
    below = i32x4.splat(down);
  for (let i = r0; i < r1; i++) {
    let base = i32x4.splat(2 * i * down);
    const next = i32x4.splat(2 * across);
    for (let j = 0; j < poolW; j++) {
      const who = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(winner)));
      const g = v128.andnot(v128.load(dy), i32x4.eq(who, nobody));
      const isRight = i32x4.eq(v128.and(who, one), one),
        isBelow = i32x4.eq(v128.and(who, two), two);
      const offset = i32x4.add(base, i32x4.add(v128.and(isRight, right), v128.and(isBelow, below)));
      const low = v128.shuffle<i32>(offset, g, 0, 4, 1, 5),
        high = v128.shuffle<i32>(offset, g, 2, 6, 3, 7);
      const more = v128.and(f32x4.ne(g, zero), entry);
      v128.store64_lane(q0, low, 0);
      v128.store64_lane(q1, low, 1);
      v128.store64_lane(q2, high, 0);
      v128.store64_lane(q3, high, 1);
      q0 += i32x4.extract_lane(more, 0);
      q1 += i32x4.extract_lane(more, 1);
      q2 += i32x4.extract_lane(more, 2);
      q3 += i32x4.extract_lane(more, 3);
      base = i32x4.add(base, next);
      winner += <usize>cout;
      dy += floats(cout);
    }
  }
  end0 = q0;
  end1 = q1;
  end2 = q2;
  end3 = q3;
}

// Sums over a list's entries of gradient times image, a few vectors at a time. V8 loads what a basic block needs before it computes, so
// blocks are kept small enough for its registers: `never` (0) ends none of them.

/** Eight vectors side by side. */
function gather8(q: usize, end: usize, x: usize, sums: usize, never: usize): void {
  let s0 = v128.load(sums),
    s1 = v128.load(sums, 16),
    s2 = v128.load(sums, 32),
    s3 = v128.load(sums, 48),
    s4 = v128.load(sums, 64),
    s5 = v128.load(sums, 80),
    s6 = v128.load(sums, 96),
    s7 = v128.load(sums, 112);
  while (q != end) {
    const p = x + <usize>load<u32>(q);
    const g = v128.load_splat<f32>(q, 4);
    s0 = madd(g, v128.load(p), s0);
    s1 = madd(g, v128.load(p, 16), s1);
    s2 = madd(g, v128.load(p, 32), s2);
    s3 = madd(g, v128.load(p, 48), s3);
    if (q == never) break;
    s4 = madd(g, v128.load(p, 64), s4);
    s5 = madd(g, v128.load(p, 80), s5);
    s6 = madd(g, v128.load(p, 96), s6);
    s7 = madd(g, v128.load(p, 112), s7);
    q += ENTRY;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
}

/** Four vectors side by side; every other entry in sums of its own. */
function gather4(q: usize, end: usize, x: usize, sums: usize): void {
  let s0 = v128.load(sums),
    s1 = v128.load(sums, 16),
    s2 = v128.load(sums, 32),
    s3 = v128.load(sums, 48);
  let t0 = f32x4.splat(0),
    t1 = t0,
    t2 = t0,
    t3 = t0;
  while (q != end) {
    let p = x + <usize>load<u32>(q);
    let g = v128.load_splat<f32>(q, 4);
    s0 = madd(g, v128.load(p), s0);
    s1 = madd(g, v128.load(p, 16), s1);
    s2 = madd(g, v128.load(p, 32), s2);
    s3 = madd(g, v128.load(p, 48), s3);
    q += ENTRY;
    if (q == end) break;
    p = x + <usize>load<u32>(q);
    g = v128.load_splat<f32>(q, 4);
    t0 = madd(g, v128.load(p), t0);
    t1 = madd(g, v128.load(p, 16), t1);
    t2 = madd(g, v128.load(p, 32), t2);
    t3 = madd(g, v128.load(p, 48), t3);
    q += ENTRY;
  }
  v128.store(sums, f32x4.add(s0, t0));
  v128.store(sums, f32x4.add(s1, t1), 16);
  v128.store(sums, f32x4.add(s2, t2), 32);
  v128.store(sums, f32x4.add(s3, t3), 48);
}

/** One vector. */
function gather1(q: usize, end: usize, x: usize, sums: usize): void {
  let s = v128.load(sums),
    t = f32x4.splat(0);
  while (q != end) {
    s = madd(v128.load_splat<f32>(q, 4), v128.load(x + <usize>load<u32>(q)), s);
    q += ENTRY;
    if (q == end) break;
    t = madd(v128.load_splat<f32>(q, 4), v128.load(x + <usize>load<u32>(q)), t);
    q += ENTRY;
  }
  v128.store(sums, f32x4.add(s, t));
}

/** Three rows, `step` bytes apart, of three vectors: 3×3 windows of three channels. */
function gatherThreeByThree(q: usize, end: usize, x: usize, step: usize, sums: usize, never: usize): void {
  let s0 = v128.load(sums),
    s1 = v128.load(sums, 16),
    s2 = v128.load(sums, 32),
    s3 = v128.load(sums, 48),
    s4 = v128.load(sums, 64),
    s5 = v128.load(sums, 80),
    s6 = v128.load(sums, 96),
    s7 = v128.load(sums, 112),
    s8 = v128.load(sums, 128);
  while (q != end) {
    let p = x + <usize>load<u32>(q);
    const g = v128.load_splat<f32>(q, 4);
    s0 = madd(g, v128.load(p), s0);
    s1 = madd(g, v128.load(p, 16), s1);
    s2 = madd(g, v128.load(p, 32), s2);
    if (q == never) break;
    p += step;
    s3 = madd(g, v128.load(p), s3);
    s4 = madd(g, v128.load(p, 16), s4);
    s5 = madd(g, v128.load(p, 32), s5);
    if (p == never) break;
    p += step;
    s6 = madd(g, v128.load(p), s6);
    s7 = madd(g, v128.load(p, 16), s7);
    s8 = madd(g, v128.load(p, 32), s8);
    q += ENTRY;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
  v128.store(sums, s8, 128);
}

/** Three rows of one vector: 3×3 windows of one channel. */
function gatherThreeByOne(q: usize, end: usize, x: usize, step: usize, sums: usize): void {
  let s0 = v128.load(sums),
    s1 = v128.load(sums, 16),
    s2 = v128.load(sums, 32);
  let t0 = f32x4.splat(0),
    t1 = t0,
    t2 = t0;
  while (q != end) {
    let p = x + <usize>load<u32>(q);
    let g = v128.load_splat<f32>(q, 4);
    s0 = madd(g, v128.load(p), s0);
    s1 = madd(g, v128.load(p + step), s1);
    s2 = madd(g, v128.load(p + 2 * step), s2);
    q += ENTRY;
    if (q == end) break;
    p = x + <usize>load<u32>(q);
    g = v128.load_splat<f32>(q, 4);
    t0 = madd(g, v128.load(p), t0);
    t1 = madd(g, v128.load(p + step), t1);
    t2 = madd(g, v128.load(p + 2 * step), t2);
    q += ENTRY;
  }
  v128.store(sums, f32x4.add(s0, t0));
  v128.store(sums, f32x4.add(s1, t1), 16);
  v128.store(sums, f32x4.add(s2, t2), 32);
}

/** Adds one channel's winners to its filter's gradient: `kh` runs of `n` vectors, from rows of the image `step` bytes apart. */
function gather(q: usize, end: usize, x: usize, kh: i32, n: i32, step: usize, sums: usize): void {
  if (kh == 3 && n == 3) {
    gatherThreeByThree(q, end, x, step, sums, 0);
    return;
  }
  if (kh == 3 && n == 1) {
    gatherThreeByOne(q, end, x, step, sums);
    return;
  }
  for (let i = 0; i < kh; i++) {
    let v = 0;
    for (; v + 8 <= n; v += 8) gather8(q, end, x + ((<usize>v) << 4), sums + ((<usize>v) << 4), 0);
    for (; v + 4 <= n; v += 4) gather4(q, end, x + ((<usize>v) << 4), sums + ((<usize>v) << 4));
    for (; v < n; v++) gather1(q, end, x + ((<usize>v) << 4), sums + ((<usize>v) << 4));
    x += step;
    sums += (<usize>n) << 4;
  }
}

/** Adds a filter's run of `n` vectors, times the gradient, wherever a channel's winner lay. */
function scatter(q: usize, end: usize, filter: usize, n: i32, dx: usize): void {
  let v = 0;
  for (; v + 8 <= n; v += 8) {
    const w0 = v128.load(filter),
      w1 = v128.load(filter, 16),
      w2 = v128.load(filter, 32),
      w3 = v128.load(filter, 48),
      w4 = v128.load(filter, 64),
      w5 = v128.load(filter, 80),
      w6 = v128.load(filter, 96),
      w7 = v128.load(filter, 112);
    for (let e = q; e != end; e += ENTRY) {
      const p = dx + <usize>load<u32>(e);
      const g = v128.load_splat<f32>(e, 4);
      v128.store(p, madd(g, w0, v128.load(p)));
      v128.store(p, madd(g, w1, v128.load(p, 16)), 16);
      v128.store(p, madd(g, w2, v128.load(p, 32)), 32);
      v128.store(p, madd(g, w3, v128.load(p, 48)), 48);
      v128.store(p, madd(g, w4, v128.load(p, 64)), 64);
      v128.store(p, madd(g, w5, v128.load(p, 80)), 80);
      v128.store(p, madd(g, w6, v128.load(p, 96)), 96);
      v128.store(p, madd(g, w7, v128.load(p, 112)), 112);
    }
    filter += 128;
    dx += 128;
  }
  for (; v < n; v++) {
    const w = v128.load(filter);
    for (let e = q; e != end; e += ENTRY) {
      const p = dx + <usize>load<u32>(e);
      v128.store(p, madd(v128.load_splat<f32>(e, 4), w, v128.load(p)));
    }
    filter += 16;
    dx += 16;
  }
}

/** One channel's part of both gradients; either may be left out with 0. */
// @ts-ignore: decorator
@inline
function useList(q: usize, end: usize, a: usize, x: usize, sums: usize, filter: usize, dx: usize): void {
  if (q == end) return;
  const kh = int(a, 18),
    n = (int(a, 19) + 3) >> 2;
  const step = ptr(a, 20);
  if (sums) gather(q, end, x, kh, n, step, sums);
  if (dx)
    for (let i = 0; i < kh; i++) scatter(q, end, filter + ((<usize>(i * n)) << 4), n, dx + <usize>i * step);
}

/**
 * Job: gradients of a convolution's filter, summed per chunk of images, and of its input. Words 0..6: x, h, w·c, padded h, padded w·c,
 * top, left·c. Words 7..: the convolution's output before the pooling, its maxima, their gradient, output width, output height, pooled
 * height, pooled width, cout, whether only positive maxima count, bytes from pixel to pixel of the output in the image: down, across; kh,
 * floats of a run, bytes from run to run in the image, sums [chunks][cout][kh][run] or 0, filter [cout][kh][run], dx or 0, pooled rows
 * per block, whether word 7 is not that output but the winners, a byte each.
 */
export function pooledGradJob(a: usize, item: i32, chunk: i32, first: bool, scratch: usize): void {
  const h = int(a, 1),
    wc = int(a, 2),
    hp = int(a, 3),
    wpc = int(a, 4),
    poolH = int(a, 12),
    poolW = int(a, 13),
    cout = int(a, 14),
    block = int(a, 24);
  const channel = (<usize>(int(a, 18) * ((int(a, 19) + 3) >> 2))) << 4;
  const isPadded = hp != h || wpc != wc;
  const bytes = floats(hp * wpc);
  const room = <usize>(block * poolW + 1) * ENTRY;
  const x0 = ptr(a, 0) + <usize>item * floats(h * wc);
  const padded = scratch + 4 * room;
  const sums0 = ptr(a, 21);
  const x = !isPadded || !sums0 ? x0 : padImage(x0, h, wc, padded, hp, wpc, int(a, 5), int(a, 6));
  const sums = sums0 ? sums0 + <usize>chunk * <usize>cout * channel : 0;
  if (sums && first) memory.fill(sums, 0, <usize>cout * channel);
  const filter = ptr(a, 22);
  const out = ptr(a, 23) ? ptr(a, 23) + <usize>item * floats(h * wc) : 0;
  const dx = out && isPadded ? padded + bytes + 16 : out;
  if (dx) memory.fill(dx, 0, bytes);
  for (let r = 0; r < poolH; r += block)
    for (let c = 0; c < cout; c += 4) {
      const end = min(r + block, poolH);
      if (int(a, 25)) listKnownWinners(a, item, c, r, end, scratch, room);
      else listWinners(a, item, c, r, end, scratch, room);
      let s = sums ? sums + <usize>c * channel : 0,
        f = filter + <usize>c * channel,
        q = scratch;
      for (let k = 0; k < 4; k++) {
        useList(q, k == 0 ? end0 : k == 1 ? end1 : k == 2 ? end2 : end3, a, x, s, f, dx);
        if (s) s += channel;
        f += channel;
        q += room;
      }
    }
  if (dx == out) return;
  let from = dx + floats(int(a, 5) * wpc + int(a, 6));
  for (let i = 0; i < h; i++) {
    memory.copy(out + floats(i * wc), from, floats(wc));
    from += floats(wpc);
  }
}

/**
 * Job: a filter [kh][run][cout] as [cout][kh][run], runs rounded up to vectors with zeros; four output channels per item. Words: filter,
 * kh, floats of a run, cout, out.
 */
export function packRunsJob(a: usize, item: i32): void {
  const kh = int(a, 1),
    run = int(a, 2),
    cout = int(a, 3);
  const n = (run + 3) & ~3;
  for (let c = 4 * item; c < min(cout, 4 * item + 4); c++) {
    let out = ptr(a, 4) + floats(c * kh * n),
      from = ptr(a, 0) + floats(c);
    for (let i = 0; i < kh; i++)
      for (let j = 0; j < n; j++) {
        store<f32>(out, j < run ? load<f32>(from) : 0);
        if (j < run) from += floats(cout);
        out += 4;
      }
  }
}

/**
 * Job: a filter's gradient from the chunks' sums [chunks][cout][kh][run] to [kh][run][cout]; cout in whole vectors. Words: sums, chunks, kh,
 * floats of a run, cout, dw, rows (of kh·run) per item.
 */
export function sumRunsJob(a: usize, item: i32): void {
  const chunks = int(a, 1),
    run = int(a, 3),
    cout = int(a, 4),
    per = int(a, 6);
  const rows = int(a, 2) * run,
    n = (run + 3) & ~3;
  const channel = floats(int(a, 2) * n),
    chunkStep = <usize>cout * channel;
  for (let r = item * per; r < min(rows, (item + 1) * per); r++) {
    const from = ptr(a, 0) + floats((r / run) * n + (r % run)),
      out = ptr(a, 5) + floats(r * cout);
    for (let c = 0; c < cout; c += 4) {
      let s = from + <usize>c * channel;
      let v = f32x4.splat(0);
      for (let k = 0; k < chunks; k++) {
        const four = v128.load32_lane(s + 3 * channel, v128.load32_lane(s + 2 * channel, v128.load32_lane(s + channel, v128.load32_zero(s), 1), 2), 3);
        v = k == 0 ? four : f32x4.add(v, four);
        s += chunkStep;
      }
      v128.store(out + floats(c), v);
    }
  }
}

/**
 * Job: sums of columns of a pooled gradient, per chunk of images, where the maximum is positive if that matters: the bias's gradient.
 * Words: gradient, rows per image, c (whole vectors), maxima, only positive ones, sums [chunks][c].
 */
export function pooledSumsJob(a: usize, item: i32, chunk: i32, first: bool): void {
  const rows = int(a, 1),
    c = int(a, 2),
    rectify = int(a, 4) != 0;
  const sums = ptr(a, 5) + <usize>chunk * floats(c),
    at = <usize>item * floats(rows * c);
  const zero = f32x4.splat(0);
  if (first) memory.fill(sums, 0, floats(c));
  let k = 0;
  // A line of the cache, 16 channels, at a time.
  for (; k + 16 <= c; k += 16) {
    let g = ptr(a, 0) + at + floats(k),
      best = ptr(a, 3) + at + floats(k);
    let s0 = zero,
      s1 = zero,
      s2 = zero,
      s3 = zero;
    for (let r = 0; r < rows; r++) {
      const least = rectify ? zero : f32x4.splat(-Infinity);
      s0 = f32x4.add(s0, v128.and(v128.load(g), f32x4.gt(v128.load(best), least)));
      s1 = f32x4.add(s1, v128.and(v128.load(g, 16), f32x4.gt(v128.load(best, 16), least)));
      s2 = f32x4.add(s2, v128.and(v128.load(g, 32), f32x4.gt(v128.load(best, 32), least)));
      s3 = f32x4.add(s3, v128.and(v128.load(g, 48), f32x4.gt(v128.load(best, 48), least)));
      g += floats(c);
      best += floats(c);
    }
    const s = sums + floats(k);
    v128.store(s, f32x4.add(v128.load(s), s0));
    v128.store(s, f32x4.add(v128.load(s, 16), s1), 16);
    v128.store(s, f32x4.add(v128.load(s, 32), s2), 32);
    v128.store(s, f32x4.add(v128.load(s, 48), s3), 48);
  }
  for (; k < c; k += 4) {
    let g = ptr(a, 0) + at + floats(k),
      best = ptr(a, 3) + at + floats(k);
    let sum = v128.load(sums + floats(k));
    for (let r = 0; r < rows; r++) {
      let v = v128.load(g);
      if (rectify) v = v128.and(v, f32x4.gt(v128.load(best), zero));
      sum = f32x4.add(sum, v);
      g += floats(c);
      best += floats(c);
    }
    v128.store(sums + floats(k), sum);
  }
}
