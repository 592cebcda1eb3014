import type { Frame } from 'playwright-core';

/**
 * The colours of one kernel tile as they are on the panel's canvas, at the middle of each of its `rows` × `columns` cells.
 * @returns row by row, [red, green, blue] in 0…255
 */
export function tilePixels(panel: Frame, filter: number, rows: number, columns: number): Promise<[number, number, number][]> {
  return panel.evaluate(
    ({ filter, rows, columns }) => {
      const atlas = document.querySelector('.kernels .atlas');
      const canvas = atlas?.querySelector<HTMLCanvasElement>('canvas.atlas-canvas');
      const cell = atlas?.querySelector<HTMLElement>(`[role=option][aria-posinset="${filter + 1}"]`);
      const context = canvas?.getContext('2d');
      if (!canvas || !cell || !context) throw new Error('the tile is not drawn');
      const area = canvas.getBoundingClientRect();
      const tile = cell.getBoundingClientRect();
      const colours: [number, number, number][] = [];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const x = ((tile.left + ((column + 0.5) * tile.width) / columns - area.left) * canvas.width) / area.width;
          const y = ((tile.top + ((row + 0.5) * tile.height) / rows - area.top) * canvas.height) / area.height;
          const [r, g, b] = context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data;
          colours.push([r, g, b]);
        }
      }
      return colours;
    },
    { filter, rows, columns },
  );
}
