import assert from 'node:assert/strict';
import { kernelAxes, layoutsOfRank } from '../../../src/common/kernelAxes';
import { matchTensors } from '../../../src/common/matchTensors';
import { statistics } from '../../../src/common/stats';
import type { WeightLayout, WeightTensor } from '../../../src/common/weightFile';
import { differenceOf } from '../../../src/weights/difference';
import { readKernels } from '../../../src/weights/readKernels';
import { readPlane } from '../../../src/weights/readPlane';
import { summarise } from '../../../src/weights/summarise';
import { kernelPlan, takeKernels } from '../../../src/weights/toKernels';

const LENGTHS: Record<string, number> = { H: 3, W: 2, D: 4, K: 5, I: 6, O: 7, M: 3, '1': 1 };
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const count = (n: number) => Float32Array.from({ length: n }, (_, i) => i);

function tensor(name: string, shape: number[], role: WeightTensor['role'] = 'other'): WeightTensor {
  return {
    name,
    dtype: 'float32',
    shape,
    layout: null,
    layoutReason: null,
    role,
    bytes: 4 * product(shape),
    layer: null,
    unreadable: null,
  };
}

/** Index of a value in a tensor, axis by axis. */
function indexOf(shape: readonly number[], at: readonly number[]): number {
  return at.reduce((sum, i, k) => sum * shape[k] + i, 0);
}

async function* inPieces(values: Float32Array, size: number): AsyncGenerator<Float32Array> {
  for (let at = 0; at < values.length; at += size) yield values.subarray(at, at + size);
}

describe('kernels of every layout', () => {
  for (const layout of [3, 4, 5].flatMap(layoutsOfRank)) {
    it(`takes ${layout} apart as its letters say`, async () => {
      const shape = [...layout].map((c) => LENGTHS[c]);
      const values = count(product(shape));
      const plan = kernelPlan(shape, layout);
      const [kh, kw, cin, filters] = plan.shape;
      const all = takeKernels(values, plan, 0, filters);
      const outs = [...layout]
        .map((c, k) => ({ c, k }))
        .filter(({ c, k }) => c === 'O' || c === 'M' || (c === 'I' && kernelAxes(layout)?.output.includes(k)));
      for (let y = 0; y < kh; y++)
        for (let x = 0; x < kw; x++)
          for (let c = 0; c < cin; c++)
            for (let f = 0; f < filters; f++) {
              const at = [...layout].map((letter, k) => {
                if (letter === 'H') return y % LENGTHS.H;
                if (letter === 'D') return Math.floor(y / LENGTHS.H);
                if (letter === 'W' || letter === 'K') return x;
                if (outs.length === 2 && k === outs[0].k) return Math.floor(f / shape[outs[1].k]);
                if (outs.some((o) => o.k === k)) return outs.length === 2 ? f % shape[outs[1].k] : f;
                return letter === 'I' ? c : 0;
              });
              assert.equal(all[((y * kw + x) * cin + c) * filters + f], values[indexOf(shape, at)]);
            }
      // The same through reads of parts, for tensors that are not in memory.
      const read = (start: number, end: number): Float32Array => values.subarray(start, end);
      const part = await readKernels(tensor('t', shape), { path: '', tensor: 't', layout, first: 1, count: 2 }, null, read);
      assert.deepEqual(new Float32Array(part.values), takeKernels(values, plan, 1, 2));
      assert.deepEqual([part.first, part.filters, part.shape[3]], [1, filters, 2]);
    });
  }

  it('refuses layouts that do not fit', () => {
    assert.throws(() => kernelPlan([3, 3, 4], 'HWIO' as WeightLayout), RangeError);
    assert.throws(() => kernelPlan([3, 4], 'IO'), RangeError);
  });
});

describe('planes of tensors', () => {
  const shape = [3, 70, 5, 90];
  const values = count(product(shape));
  const read = (start: number, end: number): Float32Array => {
    assert.ok(start >= 0 && end <= values.length && start < end);
    return values.subarray(start, end);
  };
  for (const [rowAxis, columnAxis] of [
    [1, 3],
    [3, 1],
    [0, 2],
    [2, 0],
  ])
    it(`shows axis ${rowAxis} down and ${columnAxis} across`, async () => {
      const at = [2, 11, 4, 17];
      const request = { path: '', tensor: '', rowAxis, columnAxis, at, top: 1, left: 0, rows: 2, columns: 2, step: 1 };
      const steps = shape[rowAxis] > 10 ? [1, 7] : [1];
      for (const step of steps) {
        const plane = await readPlane(shape, { ...request, step }, read);
        for (let y = 0; y < 2; y++)
          for (let x = 0; x < 2; x++) {
            const place = [...at];
            place[rowAxis] = 1 + y * step;
            place[columnAxis] = x * step;
            assert.equal(plane[y * 2 + x], values[indexOf(shape, place)]);
          }
      }
    });

  for (const [rowAxis, columnAxis] of [
    [1, 3],
    [3, 1],
  ])
    it(`stands for all values in overviews with axis ${rowAxis} down and ${columnAxis} across`, async () => {
      const signed = values.map((v, i) => (i % 3 === 0 ? -v : v) * Math.sin(i));
      signed[indexOf(shape, [2, 11, 4, 17])] = NaN;
      const at = [2, 0, 4, 0];
      const [rows, columns, step] = [Math.ceil(shape[rowAxis] / 16), Math.ceil(shape[columnAxis] / 16), 16];
      const request = { path: '', tensor: '', rowAxis, columnAxis, at, top: 0, left: 0, rows, columns, step };
      const readSigned = (start: number, end: number): Float32Array => signed.subarray(start, end);
      const largest = await readPlane(shape, { ...request, reduce: 'largest' }, readSigned);
      const mean = await readPlane(shape, { ...request, reduce: 'mean' }, readSigned);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++) {
          const cell: number[] = [];
          for (let r = y * step; r < Math.min(shape[rowAxis], (y + 1) * step); r++)
            for (let c = x * step; c < Math.min(shape[columnAxis], (x + 1) * step); c++) {
              const place = [...at];
              place[rowAxis] = r;
              place[columnAxis] = c;
              const value = signed[indexOf(shape, place)];
              if (!Number.isNaN(value)) cell.push(value);
            }
          assert.equal(Math.abs(largest[y * columns + x]), Math.max(...cell.map(Math.abs)));
          assert.ok(cell.includes(largest[y * columns + x]));
          const sum = cell.reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(mean[y * columns + x] - sum / cell.length) < 1e-3);
        }
    });

  it('shows NaN where there is nothing else', async () => {
    const request = { path: '', tensor: '', rowAxis: 0, columnAxis: 1, at: [0, 0], top: 0, left: 0, rows: 1, columns: 2, step: 2 };
    const matrix = Float32Array.of(NaN, NaN, 1, NaN, NaN, NaN, -3, NaN);
    const plane = await readPlane([2, 4], { ...request, reduce: 'largest' }, (start, end) => matrix.subarray(start, end));
    assert.deepEqual([...plane], [NaN, -3]);
  });

  it('refuses what is outside', async () => {
    const inside = { path: '', tensor: '', rowAxis: 1, columnAxis: 3, at: [0, 0, 0, 0], top: 0, left: 0, rows: 70, columns: 90, step: 1 };
    await readPlane(shape, inside, read);
    for (const change of [{ rows: 71 }, { step: 2 }, { rowAxis: 3 }, { at: [3, 0, 0, 0] }, { top: -1 }, { at: [0] }])
      await assert.rejects(readPlane(shape, { ...inside, ...change }, read), RangeError, JSON.stringify(change));
  });
});

describe('statistics piece by piece', () => {
  it('are those of the whole', async () => {
    const values = Float32Array.from({ length: 10_007 }, (_, i) => (i % 50 === 0 ? 0 : Math.sin(i) * 3 + 100));
    const whole = statistics(values);
    const found = await summarise(() => inPieces(values, 1000));
    for (const key of ['count', 'min', 'max', 'zeros'] as const) assert.equal(found[key], whole[key], key);
    for (const key of ['mean', 'std', 'norm'] as const) assert.ok(Math.abs(found[key] - whole[key]) < 1e-9 * whole[key], key);
    assert.equal(
      found.histogram.counts.reduce((a, b) => a + b, 0),
      values.length,
    );
  });

  it('count NaN and infinities apart, and bear having nothing else', async () => {
    const found = await summarise(() => inPieces(Float32Array.of(NaN, Infinity, -Infinity, 2), 2));
    assert.deepEqual([found.nan, found.infinite, found.count, found.min, found.max, found.std], [1, 2, 1, 2, 2, 0]);
    const nothing = await summarise(() => inPieces(Float32Array.of(NaN, NaN), 2));
    assert.deepEqual([nothing.count, nothing.nan, nothing.norm], [0, 2, 0]);
    assert.ok(Number.isNaN(nothing.mean));
  });
});

describe('differences', () => {
  const between = (a: Float32Array, b: Float32Array) => differenceOf(inPieces(a, 3), inPieces(b, 3));

  it('are exactly nothing for equal values, NaN among them', async () => {
    const d = await between(Float32Array.of(1, NaN, -0, 5, Infinity), Float32Array.of(1, NaN, 0, 5, Infinity));
    assert.deepEqual([d.isEqual, d.changed, d.maxAbs, d.norm], [true, 0, 0, 0]);
  });

  it('measure what changed', async () => {
    const d = await between(Float32Array.of(3, 0, 4, 1), Float32Array.of(3, 2, 4, 0));
    assert.deepEqual([d.isEqual, d.changed, d.maxAbs, d.meanAbs], [false, 2, 2, 0.75]);
    assert.ok(Math.abs(d.norm - Math.sqrt(5)) < 1e-12 && Math.abs(d.normA - Math.sqrt(26)) < 1e-12);
    assert.ok(Math.abs((d.cosine ?? 0) - 25 / Math.sqrt(26 * 29)) < 1e-12);
  });

  it('see a NaN that only one has', async () => {
    const d = await between(Float32Array.of(1, 2), Float32Array.of(1, NaN));
    assert.deepEqual([d.isEqual, d.changed, d.cosine], [false, 1, null]);
  });
});

describe('tensors of two files', () => {
  const names = (pairs: ReturnType<typeof matchTensors>) => pairs.map((p) => [p.a?.name ?? null, p.b?.name ?? null]);

  it('belong together by name, then by the name without wrappers, then by a shape of their own', () => {
    const a = [
      tensor('conv.weight', [3, 3]),
      tensor('module.fc.weight', [5, 2]),
      tensor('fc2.weight', [5, 2]),
      tensor('old', [9]),
      tensor('gone', [4]),
    ];
    const b = [
      tensor('fc.weight', [5, 2]),
      tensor('conv.weight', [3, 4]),
      tensor('new', [9]),
      tensor('other.weight', [5, 2]),
      tensor('added', [1, 1]),
    ];
    const pairs = matchTensors(a, b);
    assert.deepEqual(names(pairs), [
      ['conv.weight', 'conv.weight'],
      ['module.fc.weight', 'fc.weight'],
      ['fc2.weight', 'other.weight'],
      ['old', 'new'],
      ['gone', null],
      [null, 'added'],
    ]);
    assert.match(pairs[1].reason ?? '', /called fc\.weight in the second file/);
    assert.equal(pairs[0].reason, null);
  });

  it('are not guessed where several would fit', () => {
    const pairs = matchTensors([tensor('a', [2]), tensor('b', [2])], [tensor('c', [2]), tensor('d', [2])]);
    assert.equal(pairs.filter((p) => p.a && p.b).length, 0);
    assert.equal(pairs.length, 4);
  });
});
