import assert from 'node:assert/strict';
import type { ColorTheme } from '../../../src/common/colorMap';
import { frameKey, type FrameField } from '../../../src/common/frame';
import { withView, type OpenView } from '../openView';
import { closeBrowser } from '../page';
import { assertTile, legendScale, Pixels, tileBoxes } from '../pixels';
import { frameOf, snapshotAt, type RecordedRun } from '../recordRun';
import { sharedRun } from '../sharedRun';
import type { ThemeName } from '../themes';

export type View = 'Weight' | 'Gradient' | 'Update' | 'Change';

/** A stored step in the middle of the run, at which most tests look. */
export const MIDDLE = 20;

/** The run that the panel shows, once it is recorded. */
export interface PanelRun {
  run: RecordedRun;
  /** Opens the panel at a stored step of the run. */
  open(
    use: (view: OpenView) => Promise<void>,
    step?: number,
    options?: { theme?: ThemeName; width?: number; height?: number },
  ): Promise<void>;
}

/** Records the run before the tests of a suite, and closes the browser after them. */
export function panelSuite(suite: Mocha.Suite): PanelRun {
  suite.timeout(60_000);
  const panel = {
    open: (use, step = MIDDLE, options = {}) =>
      withView({ view: 'panel', height: 1000, ...options }, panel.run, snapshotAt(panel.run, step), use),
  } as PanelRun;
  before(async function () {
    // It is trained on the reference backend, which a busy machine slows down a lot.
    this.timeout(240_000);
    panel.run = await sharedRun();
  });
  after(() => closeBrowser());
  return panel;
}

/** The numbers that a view is to show, straight from the recorded frame. */
export function valuesOf(run: RecordedRun, view: View, step: number, layer: string, weight = 'kernel'): Float32Array {
  const get = (s: number, field: FrameField): Float32Array => {
    const tensor = frameOf(run, s).tensors.get(frameKey(field, layer, weight));
    assert.ok(tensor, `${field} of ${layer}/${weight} at step ${s}`);
    return tensor.values;
  };
  if (view !== 'Change') return get(step, view.toLowerCase() as FrameField);
  const start = get(0, 'weight');
  return get(step, 'weight').map((v, i) => v - start[i]);
}

/** Checks every pixel square of every kernel on screen against the numbers. */
export async function assertKernels(
  { page }: OpenView,
  values: Float32Array,
  shape: [number, number, number, number],
  theme: ColorTheme = 'dark',
): Promise<void> {
  const [rows, columns, channels, filters] = shape;
  const atlas = page.locator('.kernels > .atlas');
  const scale = await legendScale(page.locator('.kernels .legend'));
  const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  assert.ok(scale >= largest * 0.999 && scale < largest * 2.3, `legend ±${scale} for values up to ${largest}`);
  const pixelsPerWeight = Number(await atlas.locator('canvas').getAttribute('data-pixels-per-weight'));
  const boxes = await tileBoxes(atlas);
  assert.equal(boxes.size, filters);
  const pixels = await Pixels.of(page);
  for (const [f, box] of boxes) {
    const value = (r: number, c: number, ch: number) => values[((r * columns + c) * channels + ch) * filters + f];
    assertTile(pixels, box, { rows, columns, channels, pixelsPerWeight }, value, scale, theme, `kernel ${f}`);
  }
}

export const chooseLayer = ({ page }: OpenView, name: string) => page.locator(`.layer-row[data-layer="${name}"]`).click();
export const chooseView = ({ page }: OpenView, view: View) => page.locator(`.kernel-controls .segment:text-is("${view}")`).click();
export const text = ({ page }: OpenView, selector: string) => page.locator(selector).innerText();
