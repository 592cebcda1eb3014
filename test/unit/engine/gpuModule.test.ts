import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describeAdapter } from '../../../src/engine/webgpu/adapterName';
import { findWebgpuModule, loadWebgpuModule } from '../../../src/engine/webgpu/loadModule';
import { gpuFolders, GPU_VARIABLE } from '../../../src/training/gpuFolders';

describe('GPU support', () => {
  let root: string;
  before(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-webgpu-'));
    const put = (folder: string, name: string, source: string): void => {
      fs.mkdirSync(path.join(root, folder), { recursive: true });
      fs.writeFileSync(path.join(root, folder, 'package.json'), JSON.stringify({ name, type: 'module' }));
      fs.writeFileSync(path.join(root, folder, 'index.js'), source);
    };
    put('installed/node_modules/webgpu', 'webgpu', 'throw new Error("no such platform");');
    put('other/node_modules/webgpu', 'something-else', '');
  });
  after(() => fs.rmSync(root, { recursive: true, force: true }));

  it('is found in a folder, in its node_modules, and nowhere above', () => {
    const entry = path.join(root, 'installed/node_modules/webgpu/index.js');
    for (const folder of ['installed', 'installed/node_modules', 'installed/node_modules/webgpu'])
      assert.equal(findWebgpuModule([path.join(root, 'nowhere'), path.join(root, folder)]), entry);
    fs.mkdirSync(path.join(root, 'installed/inner'), { recursive: true });
    assert.equal(findWebgpuModule([path.join(root, 'installed/inner')]), null);
    assert.equal(findWebgpuModule([path.join(root, 'other')]), null);
  });

  it('says what is missing and how to get it', async () => {
    await assert.rejects(
      loadWebgpuModule([path.join(root, 'nowhere')]),
      /not installed in .*nowhere.*Install GPU Support.*npm install webgpu/s,
    );
    await assert.rejects(loadWebgpuModule([path.join(root, 'installed')]), /does not start here \(no such platform\).*engine wasm/);
  });

  it('is looked for in the folders given, in that of the environment, and in NODE_PATH', () => {
    const before = { own: process.env[GPU_VARIABLE], path: process.env.NODE_PATH };
    process.env[GPU_VARIABLE] = '/a';
    process.env.NODE_PATH = ['/b', '/c'].join(path.delimiter);
    try {
      assert.deepEqual(
        gpuFolders(['/x', null, '/a']).slice(0, 4),
        ['/x', '/a', '/b', '/c'].map((f) => path.resolve(f)),
      );
    } finally {
      const put = (name: string, value: string | undefined): void => {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      };
      put(GPU_VARIABLE, before.own);
      put('NODE_PATH', before.path);
    }
  });

  it('names adapters as their drivers do', () => {
    const info = { vendor: 'nvidia', architecture: 'hopper', device: '', description: '' };
    assert.equal(describeAdapter(info), 'nvidia hopper');
    assert.equal(describeAdapter({ ...info, device: 'H100', description: 'driver 1' }), 'H100 (driver 1)');
  });
});
