import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../temporaryFolder';
import { kernelscope, SAMPLE } from './cli';

describe('kernelscope report and export', function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  const run = path.join(folder, 'run');

  before(async () => {
    const { code, stderr } = await kernelscope(['train', SAMPLE, '--data', 'digits', '--limit', '1280', '--steps', '12', '--run', run]);
    assert.equal(code, 0, stderr);
  });
  const ask = (...args: string[]) => kernelscope(args, { cwd: folder });

  it('writes the report where it is asked to, or beside where it runs', async () => {
    const asked = path.join(folder, 'other.html');
    for (const [args, file] of [
      [['--out', asked], asked],
      [[], path.join(folder, 'run.html')],
    ] as const) {
      const { code, stdout, stderr } = await ask('report', run, ...args);
      assert.equal(code, 0, stderr);
      assert.equal(fs.realpathSync(stdout.trim()), fs.realpathSync(file));
      const html = fs.readFileSync(file, 'utf8');
      assert.match(html, /^<!DOCTYPE html>/);
      assert.match(html, /conv2d_2/);
    }
  });

  it('lists what there is', async () => {
    const { stdout } = await ask('export', run);
    assert.match(stdout, /weight:conv2d_1\/kernel \[3, 3, 1, 32\]/);
    assert.match(stdout, /Metrics: loss, accuracy/);
  });

  it('writes tensors, metrics and films', async () => {
    for (const [args, name, check] of [
      [['--tensor', 'conv2d_1/kernel'], 'conv2d_1-kernel-step-12.csv', (b: Buffer) => b.toString().split('\n').length === 290],
      [['--tensor', 'gradient:conv2d_1/kernel', '--format', 'npy', '--out', 'g.npy'], 'g.npy', (b: Buffer) => b.length === 128 + 288 * 4],
      [
        ['--tensor', 'conv2d_1/bias', '--step', '0', '--out', 'b.csv'],
        'b.csv',
        (b: Buffer) => b.toString().startsWith('index,value\n0,0\n'),
      ],
      [['--metric', 'loss'], 'loss.csv', (b: Buffer) => b.toString().split('\n').length === 14],
      [['--film', 'conv2d_1'], 'conv2d_1.gif', (b: Buffer) => b.toString('latin1', 0, 6) === 'GIF89a'],
      [['--film', 'conv2d_1', '--kernel', '31'], 'conv2d_1-kernel-31.gif', (b: Buffer) => b.toString('latin1', 0, 6) === 'GIF89a'],
    ] as const) {
      const { code, stderr } = await ask('export', run, ...args);
      assert.equal(code, 0, stderr);
      assert.ok(check(fs.readFileSync(path.join(folder, name))), name);
    }
  });

  it('says what is wrong, and the way out', async () => {
    for (const [args, message] of [
      [['report', folder], /is not a run .*give a folder that holds run\.json/],
      [['report', run, '--out', path.join(folder, 'no/such/folder.html')], /cannot be written/],
      [['export', run, '--tensor', 'nope'], /has no tensor nope at step 12; there are weight:/],
      [['export', run, '--tensor', 'conv2d_1/kernel', '--step', '11'], /holds no frame of step 11; its frames are of steps 0, 1/],
      [['export', run, '--metric', 'nope'], /measured no nope; there are loss/],
      [['export', run, '--film', 'dense_1'], /has no layer dense_1 with kernels; there are conv2d_1, conv2d_2/],
      [['export', run, '--film', 'conv2d_1', '--kernel', '32'], /has kernels 0 to 31/],
      [['export', run, '--metric', 'loss', '--format', 'gif'], /can be csv or npy/],
      [['export', run, '--metric', 'loss', '--film', 'x'], /give one of --tensor, --metric and --film/],
    ] as const) {
      const { code, stderr } = await ask(...args);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, message);
    }
  });
});
