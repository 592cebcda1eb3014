import type { Page } from 'playwright-core';
import { decodeFrame } from '../../src/common/frame';
import type { Snapshot } from '../../src/common/panelProtocol';
import { addFrame } from './page';
import type { RecordedRun } from './recordRun';

/** Gives the page's host a run to answer from: the snapshot, and every stored frame up to it. */
export async function fillHost(page: Page, run: RecordedRun, snapshot: Snapshot): Promise<void> {
  for (const step of run.storedSteps) await addFrame(page, run.frames.get(step) as ArrayBuffer);
  for (const [key, result] of run.probes) {
    const text = JSON.stringify(result, (_, value: unknown) => (value instanceof Float32Array ? { float32: [...value] } : value));
    await page.evaluate(([k, t]) => window.fakeHost.addProbe(k, t), [key, text] as const);
  }
  const { firstFrame, frame, ...rest } = snapshot;
  const stepOf = (buffer: ArrayBuffer | null) => (buffer ? decodeFrame(buffer).step : undefined);
  // As text: Playwright's types walk through every corner of what is handed over.
  await page.evaluate(([change, now, first]) => window.fakeHost.prepare(JSON.parse(change) as Partial<Snapshot>, now, first), [
    JSON.stringify(rest),
    stepOf(frame),
    stepOf(firstFrame),
  ] as const);
}
