// How long until a person sees kernels, in the real VS Code: npx tsx test/bench/startUp.ts
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Workbench } from '../e2e/workbench';
import { ROOT, webviewFrame } from '../harness/vscode.mjs';

const ROUNDS = 5;

interface Times {
  /** activate(), as the extension itself measures it. */
  activate: number;
  /** From the click on Train CNN to the panel's first kernels. */
  kernels: number;
  /** From the click to the first kernels that a step has changed. */
  trained: number;
}

async function measure(): Promise<Times> {
  const workbench = await Workbench.open({
    file: 'mnist_cnn.py',
    fill: (folder) => fs.cpSync(path.join(ROOT, 'media/sample'), folder, { recursive: true }),
  });
  try {
    const { page } = workbench;
    await page.locator('.codelens-decoration a', { hasText: 'Train CNN' }).click();
    const choice = page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Embedded digits' });
    await choice.waitFor();
    const started = performance.now();
    await choice.click();
    const panel = await webviewFrame(page, '.run-bar');
    await panel.locator('.kernels .atlas-cells [role=option]').first().waitFor();
    const kernels = performance.now() - started;
    await panel.waitForFunction(() => Number(/step (\d+)/.exec(document.querySelector('.time-where')?.textContent ?? '')?.[1]) > 0);
    const trained = performance.now() - started;
    const activate = Number(/activated in ([\d.]+) ms/.exec(workbench.extensionLog())?.[1]);
    return { activate, kernels, trained };
  } finally {
    await workbench.close();
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function main(): Promise<void> {
  const rounds: Times[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await measure());
  const row = (what: string, key: keyof Times): void => {
    const values = rounds.map((r) => r[key]);
    console.log(
      `${what.padEnd(44)} ${median([...values])
        .toFixed(0)
        .padStart(7)} ms   (${values.map((v) => v.toFixed(0)).join(', ')})`,
    );
  };
  console.log(`median of ${ROUNDS} new windows (each round in brackets)`);
  row('activate()', 'activate');
  row('Train CNN to the first kernels on the screen', 'kernels');
  row('Train CNN to the first trained kernels', 'trained');
}

void main();
