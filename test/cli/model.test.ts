import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../temporaryFolder';
import { kernelscope, SAMPLE } from './cli';

describe('kernelscope model', function () {
  this.timeout(120_000);

  it('prints one JSON object with layers, lines, shapes and counts', async () => {
    const { code, stdout } = await kernelscope(['model', SAMPLE, '--json']);
    assert.equal(code, 0);
    const { models, notes } = JSON.parse(stdout) as {
      models: {
        totalParams: number;
        line: number;
        layers: { className: string; line: number; outputShape: (number | null)[]; params: number }[];
      }[];
      notes: unknown[];
    };
    assert.equal(models.length, 1);
    assert.equal(models[0].totalParams, 34_826);
    const lines = fs.readFileSync(SAMPLE, 'utf8').split('\n');
    for (const layer of models[0].layers)
      assert.ok(lines[layer.line - 1].includes(layer.className === 'InputLayer' ? 'Input' : layer.className), layer.className);
    assert.deepEqual(
      models[0].layers.map((l) => [l.className, ...l.outputShape, l.params]),
      [
        ['InputLayer', null, 28, 28, 1, 0],
        ['Conv2D', null, 26, 26, 32, 320],
        ['MaxPooling2D', null, 13, 13, 32, 0],
        ['Conv2D', null, 11, 11, 64, 18_496],
        ['MaxPooling2D', null, 5, 5, 64, 0],
        ['Flatten', null, 1600, 0],
        ['Dropout', null, 1600, 0],
        ['Dense', null, 10, 16_010],
      ],
    );
    assert.ok(Array.isArray(notes));
  });

  it('says how it is called when asked for help', async () => {
    assert.deepEqual(await kernelscope(['model', '--help']), { code: 0, stdout: 'Usage: kernelscope model FILE [--json]\n', stderr: '' });
  });

  it('never runs the Python it reads', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'evil.py');
    fs.writeFileSync(file, 'import os\nos.system("touch ran")\nopen("ran", "w").write("x")\nexec("open(\'ran\', \'w\')")\n');
    await kernelscope(['model', file, '--json'], { cwd: folder });
    assert.deepEqual(fs.readdirSync(folder), ['evil.py']);
  });

  it('ends with 2 and one line when there is nothing to read', async () => {
    const { code, stderr } = await kernelscope(['model', 'nowhere.py']);
    assert.equal(code, 2);
    assert.match(stderr, /^nowhere\.py:1: is not there; .+\n$/);
  });

  it('ends with 2 and the commands when the command is unknown', async () => {
    const { code, stderr } = await kernelscope(['dance']);
    assert.equal(code, 2);
    assert.match(stderr, /unknown command dance/);
  });
});
