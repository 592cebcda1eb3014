import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame } from 'playwright-core';
import { decodeTensors } from '../../src/common/safetensors';
import { ROOT, webviewFrame } from '../harness/vscode.mjs';
import { until, Workbench } from './workbench';

const number = (text: string): number => Number(text.replaceAll('−', '-').replace('+', ''));

describe('looking into the network in the workbench', function () {
  this.timeout(180_000);
  let workbench: Workbench;
  let panel: Frame;

  before(async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      viewport: { width: 1500, height: 1300 },
      fill(folder) {
        fs.copyFileSync(path.join(ROOT, 'media/sample/mnist_cnn.py'), path.join(folder, 'mnist_cnn.py'));
        fs.mkdirSync(path.join(folder, '.vscode'));
        fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'kernelscope.trainOnStartup': 'mnist_cnn.py' }));
      },
    });
    panel = await webviewFrame(workbench.page, '.run-bar');
    await until('training', async () => (await phase()) === 'running' && (await step()) > 5);
  });
  after(async () => {
    await workbench?.shot('probes-last');
    await workbench?.close();
  });

  const phase = () => panel.locator('.phase').getAttribute('data-phase');
  const step = async () => Number(/step (\d+) of/.exec((await panel.locator('.run-numbers').textContent()) ?? '')?.[1]);
  const section = (id: string) => panel.locator(`.probe[data-answer="${id}"]`);
  /** Unfolded it stays, when a test is tried again. */
  const unfold = async (id: string) => {
    if (!(await section(id).evaluate((details) => (details as HTMLDetailsElement).open))) await section(id).locator('summary').click();
  };
  const answer = async (id: string): Promise<string> => {
    await section(id).locator('.probe-content:not([hidden])').waitFor({ timeout: 30_000 });
    return (await section(id).locator('.probe-content').textContent()) ?? '';
  };
  const checkpoint = () => {
    const file = fs.readFileSync(path.join(workbench.runFolder(), 'checkpoint.safetensors'));
    return decodeTensors(new Uint8Array(file).buffer);
  };

  it('adds up a gradient while the run is running, and goes on training', async () => {
    await panel.locator('.layer-row[data-layer="conv2d_1"]').click();
    await panel.locator('.kernels .atlas-cells [aria-posinset="6"]').click();
    await unfold('gradient');
    assert.match(await answer('gradient'), /In step \d+ \(\d+ images\) this weight was/);
    assert.equal(await phase(), 'running');
    const before = await step();
    await until('more steps', async () => (await step()) > before);
  });

  it('explains the very gradient that the frame shows, once paused', async () => {
    await panel.getByRole('button', { name: 'Pause', exact: true }).click();
    await until('paused', async () => (await phase()) === 'paused');
    const paused = await step();
    await until('the sum of this step', async () => (await answer('gradient')).includes(`In step ${paused} `));
    const text = await answer('gradient');
    const sum = number(/its gradient ([+−]?[\d.]+(?:e−\d+)?)/.exec(text)?.[1] ?? '');
    // The table of gradients has three digits, in units of the power of ten that it names.
    const table = panel.locator('.inspector .number-table').filter({ hasText: 'gradient' });
    const shown = number((await table.locator('[aria-selected="true"]').textContent()) ?? '');
    const exponent = /10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/.exec((await table.locator('.unit').textContent()) ?? '')?.[1] ?? '⁰';
    const power = Number([...exponent].map((c) => (c === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)))).join(''));
    assert.ok(
      Math.abs(shown * 10 ** power - sum) < 0.006 * 10 ** power + 0.01 * Math.abs(sum),
      `${shown} × 10^${power}, but the sum is ${sum}`,
    );
    assert.match(text, /Training computed/);
    await section('gradient').scrollIntoViewIfNeeded();
    await workbench.shot('probes-gradient');
  });

  it('checks it by finite differences', async () => {
    await unfold('check');
    await section('check').locator('vscode-button').click();
    const error = number(/relative error of ([\d.]*\d(?:e−\d+)?)/.exec(await answer('check'))?.[1] ?? '');
    // How small it is depends on the weight; that it is small where it can be is a unit test.
    assert.ok(error >= 0 && error < 2, await answer('check'));
    assert.match(await answer('check'), /They agree|No contradiction|further apart/);
  });

  it('draws the loss along the weight', async () => {
    await unfold('downhill');
    assert.match(await answer('downhill'), /slope is the gradient/);
    await section('downhill').scrollIntoViewIfNeeded();
    await workbench.shot('probes-downhill');
  });

  it('shows what the kernel sees', async () => {
    await unfold('sight');
    await answer('sight');
    assert.equal(await section('sight').locator('.sight-image').count(), 10);
    await section('sight').scrollIntoViewIfNeeded();
    await workbench.shot('probes-sight');
  });

  it('counts what the kernel is needed for', async () => {
    await unfold('knockout');
    await section('knockout').locator('vscode-button').click();
    const text = await answer('knockout');
    // Whether any answer changes depends on the moment that the run was paused at; the table and the sentence have to tell the same.
    const changes = /([\d,]+) images? that (?:was|were) right turns? wrong and ([\d,]+) images? that (?:was|were) wrong/.exec(text);
    if (!changes) assert.match(text, /not one of 1,000 answers changes/);
    const [lost, gained] = (changes ?? ['', '0', '0']).slice(1).map((digits) => Number(digits.replaceAll(',', '')));
    const [before, after] = [...text.matchAll(/with(?:out)? it([\d.]+)\s%/g)].map((m) => Number(m[1]));
    assert.equal(Math.round((before - after) * 10), lost - gained, text);
  });

  it('has changed nothing: the weights are those of the step that the run was paused at', async () => {
    const { tensors, metadata } = checkpoint();
    const { step: saved } = JSON.parse(metadata.progress) as { step: number };
    assert.equal(saved, await step());
    // The next step continues from these weights: what the checkpoint then holds as the weight before it is what it holds now.
    const before = tensors.get('weight:conv2d_1/kernel')?.values.slice();
    assert.ok(before);
    await panel.getByRole('button', { name: 'Train one batch, then pause' }).click();
    await until('one step more', async () => (await phase()) === 'paused' && (await step()) === saved + 1);
    await until('the sum of this step', async () => (await answer('gradient')).includes(`In step ${saved + 1} `));
    const value = number(/this weight was ([+−]?[\d.]+(?:e−\d+)?)/.exec(await answer('gradient'))?.[1] ?? '');
    assert.ok(Math.abs(value - before[5]) <= 1e-4 * Math.abs(before[5]), `${value}, but the checkpoint held ${before[5]}`);
  });
});
