import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { savedSubject } from '../../../src/views/savedSubject';

describe('what a page of weights was opened on', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-subject-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const paths = ['b.h5', 'a.h5'].map((n) => path.join(folder, n));

  it('is a comparison as it was', async () => {
    const subject = { mode: 'compare', title: 'a and b', paths, names: ['step 0', 'step 9'] };
    assert.deepEqual(await savedSubject({ tensor: 'x', subject }), subject);
  });

  it('is a film of what the folder holds now', async () => {
    for (const name of ['epoch-10.h5', 'epoch-9.h5', 'note.txt']) fs.writeFileSync(path.join(folder, name), '');
    const found = await savedSubject({ subject: { mode: 'film', title: 'f', paths } });
    assert.deepEqual(
      found?.paths.map((p) => path.basename(p)),
      ['epoch-9.h5', 'epoch-10.h5'],
    );
  });

  it('is nothing when the memory says something else', async () => {
    const fine = { mode: 'compare', title: 't', paths };
    for (const subject of [
      null,
      3,
      { ...fine, mode: 'file' },
      { ...fine, paths: ['a', 'b'] },
      { ...fine, paths: [paths[0]] },
      { ...fine, title: 1 },
    ])
      assert.equal(await savedSubject({ subject }), null);
    for (const state of [null, undefined, 'x', {}]) assert.equal(await savedSubject(state), null);
  });
});
