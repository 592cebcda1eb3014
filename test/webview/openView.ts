import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Snapshot } from '../../src/common/panelProtocol';
import { fillHost } from './fillHost';
import { openWebview, settle, type WebviewPageOptions } from './page';
import type { RecordedRun } from './recordRun';

export interface OpenView {
  page: Page;
  /** What the person asked the host for, in order: what the page reads or acknowledges by itself is left out. */
  calls(): Promise<{ type: string; params: unknown }[]>;
  /** Waits until everything asked for is drawn. */
  settle(): Promise<void>;
}

/** Opens a view, hands it to `use`, and fails on any console error, page error or breach of the content security policy. */
export async function withView(
  options: WebviewPageOptions,
  run: RecordedRun | null,
  snapshot: Snapshot | null,
  use: (view: OpenView) => Promise<void>,
): Promise<void> {
  const { page, problems, close } = await openWebview(options, async (p) => {
    if (run && snapshot) await fillHost(p, run, snapshot);
  });
  try {
    await page.waitForFunction(() => window.fakeHost.calls.some((c) => c.type === 'hydrate'));
    await settle(page);
    await use({
      page,
      settle: () => settle(page),
      calls: () =>
        page.evaluate(() =>
          window.fakeHost.calls.filter((c) => !/^(hydrate|acknowledgeFrame|analyseKernels|loadKernelHistory)$/.test(c.type)),
        ),
    });
    assert.deepEqual(await problems(), []);
  } finally {
    await close();
  }
}
