import type { Frame, Page } from 'playwright-core';
import { webviewFrame } from '../harness/vscode.mjs';
import { until } from './until';

/** What a person reads and presses in the panel, whichever run it shows. */
export class RunPanel {
  private constructor(readonly frame: Frame) {}

  static async find(page: Page): Promise<RunPanel> {
    return new RunPanel(await webviewFrame(page, '.run-bar'));
  }

  phase(): Promise<string | null> {
    return this.frame.locator('.phase').getAttribute('data-phase');
  }

  /** Steps taken so far, as the progress bar says. */
  async step(): Promise<number> {
    return Number(await this.frame.locator('.run-bar [role=progressbar]').getAttribute('aria-valuenow'));
  }

  /** The step whose numbers are drawn, which may be an earlier one than the run is at. */
  async shownStep(): Promise<number> {
    return countIn(/step ([\d,]+)/, (await this.frame.locator('.time-where').textContent()) ?? '');
  }

  isIn(phase: string): Promise<string> {
    return until(`the run is ${phase}`, async () => {
      const now = await this.phase();
      return now === phase && now;
    });
  }

  /** Waits until the run is running and has taken more than `step` steps. */
  isBeyond(step: number): Promise<boolean> {
    return until(`a step beyond ${step}`, async () => (await this.phase()) === 'running' && (await this.step()) > step);
  }

  press(name: string): Promise<void> {
    return this.frame.getByRole('button', { name, exact: true }).click();
  }

  /** Pauses, whatever the run was doing. @returns the step it stands at, which is drawn by then */
  async pause(): Promise<number> {
    if ((await this.phase()) !== 'paused') await this.press('Pause');
    await this.isIn('paused');
    const step = await this.step();
    await until('the frame of the pause', async () => (await this.shownStep()) === step);
    return step;
  }

  /** Shows a layer's kernels. */
  async chooseLayer(name: string): Promise<void> {
    await this.frame.locator(`.layer-row[data-layer="${name}"]`).click();
    await until(`${name} is shown`, async () => (await this.frame.locator('.kernel-title').textContent()) === name);
  }

  /** Opens a kernel's numbers; the same when it is open already. */
  async openKernel(filter: number): Promise<void> {
    await this.frame.locator(`.kernels .atlas-cells [data-filter="${filter}"]`).click();
    const title = this.frame.locator('.inspector h2');
    await until(`kernel ${filter} is open`, async () => new RegExp(`^(kernel|unit) ${filter} of `).test((await title.textContent()) ?? ''));
  }

  /** Unfolds an answer; unfolded it stays, when a test is tried again. */
  async unfold(id: string): Promise<void> {
    const section = this.frame.locator(`details[data-answer="${id}"]`);
    if (!(await section.evaluate((details) => (details as HTMLDetailsElement).open))) await section.locator('summary').first().click();
  }
}

/** The number that a pattern finds in a text that people read: 1,234 is 1234. */
export function countIn(pattern: RegExp, text: string): number {
  return Number(pattern.exec(text)?.[1].replaceAll(',', ''));
}
