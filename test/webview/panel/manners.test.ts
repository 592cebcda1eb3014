import assert from 'node:assert/strict';
import { keepScreenshot } from '../page';
import { chooseLayer, chooseView, MIDDLE, panelSuite } from './panelView';

describe('panel: manners', function () {
  const panel = panelSuite(this);

  it('does nothing while nothing happens', () =>
    panel.open(async (v) => {
      const workIn = (ms: number) =>
        v.page.evaluate(async (wait) => {
          let frames = 0;
          const before = window.fakeHost.calls.length;
          const original = window.requestAnimationFrame;
          window.requestAnimationFrame = (callback) => {
            frames++;
            return original(callback);
          };
          await new Promise((done) => setTimeout(done, wait));
          window.requestAnimationFrame = original;
          return { frames, calls: window.fakeHost.calls.length - before };
        }, ms);
      // What began when the page was opened comes to its end, however slow the machine; then there is silence.
      let work = await workIn(800);
      for (let i = 0; i < 20 && work.frames + work.calls > 0; i++) work = await workIn(800);
      assert.deepEqual(work, { frames: 0, calls: 0 });
    }));

  it('draws once for many messages that come at once', () =>
    panel.open(async (v) => {
      const drawn = await v.page.evaluate(async (status) => {
        let puts = 0;
        const original = CanvasRenderingContext2D.prototype.putImageData;
        CanvasRenderingContext2D.prototype.putImageData = function (...args: unknown[]) {
          if (this.canvas.closest('.kernels > .atlas')) puts++;
          return (original as (...a: unknown[]) => void).apply(this, args);
        };
        const { fakeHost } = window;
        // All of it comes before the next animation frame, however long the page takes to read it.
        const frames = window.requestAnimationFrame;
        const waiting: FrameRequestCallback[] = [];
        window.requestAnimationFrame = (callback) => waiting.push(callback);
        for (let i = 0; i < 10; i++) fakeHost.fire('didChangeStatus', { ...fakeHost.snapshot.status!, step: status + i });
        for (let i = 0; i < 5; i++) fakeHost.sendFrame(30);
        await new Promise<void>((read) => {
          window.addEventListener('message', (e) => e.data === 'read' && read());
          window.postMessage('read', '*');
        });
        window.requestAnimationFrame = frames;
        for (const callback of waiting) frames(callback);
        await fakeHost.rest();
        CanvasRenderingContext2D.prototype.putImageData = original;
        return puts;
      }, MIDDLE);
      assert.equal(drawn, 1);
    }));

  it('keeps what the person set up when the page comes back', () =>
    panel.open(async (v) => {
      await chooseLayer(v, 'second');
      await chooseView(v, 'Update');
      await v.settle();
      const state = await v.page.evaluate(() => window.fakeHost.state);
      assert.equal((state as { layer: string }).layer, 'second');
      assert.equal((state as { field: string }).field, 'update');
      assert.ok(JSON.stringify(state).length < 2000, 'no run data in the state');
    }));

  for (const width of [260, 300, 560, 820, 1080, 1600]) {
    it(`fits into ${width} px`, () =>
      panel.open(
        async (v) => {
          await v.page.locator('.kernels > .atlas .cell').first().click();
          await v.settle();
          const overflow = await v.page.evaluate(() => {
            const wide: string[] = [];
            for (const e of document.querySelectorAll('#root *')) {
              const box = e.getBoundingClientRect();
              // What its parent scrolls or cuts off on purpose is not in the way.
              const isScrolled = e.closest('.layer-rows, .number-table, .atlas, .u-wrap, svg');
              if (box.width > 0 && box.right > innerWidth + 1 && !isScrolled) wide.push(`${e.tagName}.${e.className}`);
            }
            return { wide, page: document.documentElement.scrollWidth - innerWidth };
          });
          assert.deepEqual(overflow, { wide: [], page: 0 });
          await keepScreenshot(v.page, `panel-${width}px`);
        },
        MIDDLE,
        { width },
      ));
  }
});
