import assert from 'node:assert/strict';
import { atlasLayout } from '../../../src/common/kernelAtlas';
import type { KernelLayoutOptions } from '../../../src/common/kernelLayout';
import { Random } from '../../../src/common/random';
import { RowsInSight, type Scrolled } from '../../../webview/kernels/rowsInSight';

const PICTURES: { name: string; shape: number[]; options: KernelLayoutOptions }[] = [
  { name: 'all channels', shape: [3, 3, 40, 60], options: { mode: 'channels', pixelsPerWeight: 2 } },
  { name: 'one pixel per weight', shape: [3, 3, 7, 200], options: { mode: 'channels', pixelsPerWeight: 1, gap: 1 } },
  { name: 'a summary', shape: [5, 3, 6, 200], options: { mode: 'norm', pixelsPerWeight: 5 } },
  { name: 'one channel', shape: [3, 3, 1, 400], options: { pixelsPerWeight: 7 } },
  { name: 'colours', shape: [7, 7, 3, 90], options: { mode: 'rgb', pixelsPerWeight: 3 } },
  { name: 'another order', shape: [3, 3, 2, 90], options: { order: Uint32Array.from({ length: 80 }, (_, i) => 89 - i) } },
  { name: 'a matrix in bands', shape: [900, 20], options: { pixelsPerWeight: 3 } },
  { name: 'a vector in bands', shape: [9000], options: { pixelsPerWeight: 4, gap: 6 } },
];

describe('the rows of a picture in sight', () => {
  const random = Random.stream(7, 'rows');
  const whole = (n: number): number => Math.floor(random.uniform(0, n));

  function painted({ layout, drawn, scale, theme, top }: Scrolled, height: number): Uint32Array {
    const words = new Uint32Array(layout.width * height);
    layout.paint(words, top, top + height, drawn, scale, theme);
    return words;
  }

  function assertSame(rows: RowsInSight, next: Scrolled, height: number, what: string): void {
    const expected = painted(next, height);
    const wrong = rows.fill(next, height).findIndex((w, i) => w !== expected[i]);
    assert.equal(wrong, -1, `${what}: pixel ${wrong % next.layout.width} of row ${Math.floor(wrong / next.layout.width)} in sight`);
  }

  for (const { name, shape, options } of PICTURES)
    it(`are the same after scrolling as painted at once: ${name}`, () => {
      const layout = atlasLayout(shape, { maxWidth: 300, ...options });
      const drawn = layout.prepare(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1)));
      const height = Math.min(120, Math.floor(layout.height / 3));
      const last = layout.height - height;
      assert.ok(last > 60, 'there is something to scroll');
      const rows = new RowsInSight();
      const steps = [0, 1, 2, height, last, last - 1, last - height, 3, 3, ...Array.from({ length: 40 }, () => whole(last + 1))];
      for (let i = 0, top = whole(last); i < 60; i++) {
        top = Math.max(0, Math.min(last, top + whole(41) - 20));
        steps.push(top);
      }
      for (const top of steps) assertSame(rows, { layout, drawn, scale: 1, theme: 'dark', top }, height, `row ${top} on`);
    });

  it('are painted anew when anything but the place has changed', () => {
    const shape = [3, 3, 4, 300];
    const values = (): Float32Array => Float32Array.from({ length: 36 * 300 }, () => random.uniform(-1, 1));
    const layout = atlasLayout(shape, { maxWidth: 300 });
    const rows = new RowsInSight();
    let picture: Scrolled = { layout, drawn: values(), scale: 1, theme: 'dark', top: 40 };
    assertSame(rows, picture, 100, 'first');
    const changes: Partial<Scrolled>[] = [
      { drawn: values() },
      { scale: 2 },
      { theme: 'light' },
      { layout: atlasLayout(shape, { maxWidth: 299 }) },
    ];
    for (const change of changes) {
      picture = { ...picture, ...change, top: picture.top + 3 };
      assertSame(rows, picture, 100, Object.keys(change).join());
    }
    for (const height of [101, 60, 140]) assertSame(rows, { ...picture, top: picture.top + 1 }, height, `${height} rows`);
  });
});
