import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { decodeTensors } from '../../src/common/safetensors';
import { countIn, RunPanel } from './runPanel';
import { trainAtStart } from './samples';
import { eventually, until } from './until';
import { Workbench } from './workbench';

const number = (text: string): number => Number(text.replaceAll('−', '-').replace('+', ''));
/** A number as the answers write it. */
const NUMBER = '[+−]?[\\d.]*\\d(?:e[+−]?\\d+)?';

describe('looking into the network in the workbench', function () {
  this.timeout(300_000);
  let workbench: Workbench;
  let panel: RunPanel;

  before(async () => {
    workbench = await Workbench.open({ file: 'mnist_cnn.py', viewport: { width: 1500, height: 1300 }, fill: trainAtStart });
    panel = await RunPanel.find(workbench.page);
    await panel.isBeyond(5);
  });
  after(() => workbench?.close('probes-last'));

  const section = (id: string) => panel.frame.locator(`.probe[data-answer="${id}"]`);
  const answer = async (id: string): Promise<string> => {
    await section(id).locator('.probe-content:not([hidden])').waitFor();
    return (await section(id).locator('.probe-content').textContent()) ?? '';
  };
  const checkpoint = () => {
    const file = fs.readFileSync(path.join(workbench.runFolder(), 'checkpoint.safetensors'));
    return decodeTensors(new Uint8Array(file).buffer);
  };
  /** Asks for an answer that is given only when a button is pressed, unless it is there already. */
  const ask = async (id: string): Promise<void> => {
    await panel.unfold(id);
    if (!(await section(id).locator('.probe-content:not([hidden])').isVisible())) await section(id).locator('vscode-button').click();
  };
  /** The run stands still, kernel 5 of the first layer is open. */
  const standStill = async (): Promise<number> => {
    await panel.chooseLayer('conv2d_1');
    await panel.openKernel(5);
    return panel.pause();
  };
  /** The step that the sum of a gradient is about. */
  const explained = async () => countIn(/In step ([\d,]+) /, await answer('gradient'));

  it('adds up a gradient while the run is running, and goes on training', async () => {
    if ((await panel.phase()) === 'paused') await panel.press('Continue');
    await panel.chooseLayer('conv2d_1');
    await panel.openKernel(5);
    await panel.unfold('gradient');
    await eventually(async () => assert.match(await answer('gradient'), /In step [\d,]+ \(\d+ images\) this weight was/));
    await panel.isBeyond(await panel.step());
  });

  it('explains the very gradient that the frame shows, once paused', async () => {
    const paused = await standStill();
    await panel.unfold('gradient');
    await until('the sum of this step', async () => (await explained()) === paused);
    const text = await answer('gradient');
    const sum = number(new RegExp(`its gradient (${NUMBER})`).exec(text)?.[1] ?? '');
    // The table of gradients has three digits, in units of the power of ten that it names.
    const table = panel.frame.locator('.inspector .number-table').filter({ hasText: 'gradient' });
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
    await standStill();
    await ask('check');
    const text = await answer('check');
    const error = number(new RegExp(`relative error of (${NUMBER})`).exec(text)?.[1] ?? '');
    // How small it is depends on the weight; that it is small where it can be is a unit test.
    assert.ok(error >= 0 && error <= 2, text);
    assert.match(text, /They agree|No contradiction|further apart/);
  });

  it('draws the loss along the weight', async () => {
    await standStill();
    await panel.unfold('downhill');
    assert.match(await answer('downhill'), /slope is the gradient/);
    await section('downhill').scrollIntoViewIfNeeded();
    await workbench.shot('probes-downhill');
  });

  it('shows what the kernel sees', async () => {
    await standStill();
    await panel.unfold('sight');
    await answer('sight');
    assert.equal(await section('sight').locator('.sight-image').count(), 10);
    await section('sight').scrollIntoViewIfNeeded();
    await workbench.shot('probes-sight');
  });

  it('counts what the kernel is needed for', async () => {
    await standStill();
    await ask('knockout');
    const text = await answer('knockout');
    // Whether any answer changes depends on the moment that the run was paused at; the table and the sentence have to tell the same.
    const changes = /([\d,]+) images? that (?:was|were) right turns? wrong and ([\d,]+) images? that (?:was|were) wrong/.exec(text);
    if (!changes) assert.match(text, /not one of 1,000 answers changes/);
    const [lost, gained] = (changes ?? ['', '0', '0']).slice(1).map((digits) => Number(digits.replaceAll(',', '')));
    const [before, after] = [...text.matchAll(/with(?:out)? it([\d.]+)\s%/g)].map((m) => Number(m[1]));
    assert.equal(Math.round((before - after) * 10), lost - gained, text);
  });

  it('has changed nothing: the weights are those of the step that the run was paused at', async () => {
    const paused = await standStill();
    await panel.unfold('gradient');
    const { tensors, metadata } = checkpoint();
    const { step: saved } = JSON.parse(metadata.progress) as { step: number };
    assert.equal(saved, paused);
    // The next step continues from these weights: what the checkpoint then holds as the weight before it is what it holds now.
    const before = tensors.get('weight:conv2d_1/kernel')?.values.slice();
    assert.ok(before);
    await panel.press('Train one batch, then pause');
    await until('one step more', async () => (await panel.phase()) === 'paused' && (await panel.step()) === saved + 1);
    await until('the sum of this step', async () => (await explained()) === saved + 1);
    const value = number(new RegExp(`this weight was (${NUMBER})`).exec(await answer('gradient'))?.[1] ?? '');
    assert.ok(Math.abs(value - before[5]) <= 1e-4 * Math.abs(before[5]) + 1e-9, `${value}, but the checkpoint held ${before[5]}`);
  });
});
