import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { signedColor, type ColorTheme } from '../../src/common/colorMap';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is on screen, as a person sees it. */
export class Pixels {
  private constructor(
    private readonly png: PNG,
    private readonly ratio: number,
  ) {}

  static async of(page: Page): Promise<Pixels> {
    const ratio = await page.evaluate(() => window.devicePixelRatio);
    return new Pixels(PNG.sync.read(await page.screenshot({ animations: 'disabled' })), ratio);
  }

  /** At a point of the window, in CSS pixels. */
  at(x: number, y: number): [number, number, number] {
    const i = (Math.floor(y * this.ratio) * this.png.width + Math.floor(x * this.ratio)) * 4;
    return [this.png.data[i], this.png.data[i + 1], this.png.data[i + 2]];
  }
}

/** The boxes of an atlas's tiles by kernel. */
export async function tileBoxes(atlas: Locator): Promise<Map<number, Box>> {
  const rows = await atlas.locator('.cell').evaluateAll((cells) =>
    cells.map((c) => {
      const { x, y, width, height } = c.getBoundingClientRect();
      return [Number((c as HTMLElement).dataset.filter), { x, y, width, height }] as const;
    }),
  );
  return new Map(rows);
}

/** The scale that a legend states: the number at its right end. */
export async function legendScale(legend: Locator): Promise<number> {
  const text = (await legend.locator('.legend-high').textContent()) ?? '';
  return Number(text.replace('+', '').replace('−', '-'));
}

/**
 * Asserts that a tile's picture is its numbers: the middle of each weight's square has the colour that the map gives its value.
 * @param value by row, column and channel
 */
export function assertTile(
  pixels: Pixels,
  box: Box,
  tile: { rows: number; columns: number; channels: number; pixelsPerWeight: number },
  value: (row: number, column: number, channel: number) => number,
  scale: number,
  theme: ColorTheme,
  name: string,
): void {
  const { rows, columns, channels, pixelsPerWeight: n } = tile;
  const gap = channels > 1 ? Math.max(1, Math.round(n / 3)) : 0;
  const perRow = Math.round((box.width + gap) / (columns * n + gap));
  for (let c = 0; c < channels; c++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const x = box.x + (c % perRow) * (columns * n + gap) + (column + 0.5) * n;
        const y = box.y + Math.floor(c / perRow) * (rows * n + gap) + (row + 0.5) * n;
        const expected = signedColor(value(row, column, c), scale, theme);
        assert.deepEqual(pixels.at(x, y), expected, `${name}, row ${row}, column ${column}, channel ${c}, value ${value(row, column, c)}`);
      }
}
