import assert from 'node:assert/strict';
import { checkpointFiles } from '../../../src/views/checkpointFiles';
import { distinctNames } from '../../../src/views/distinctNames';

describe('a folder of checkpoints', () => {
  it('is put in the order of its numbers; parts of others and other files are left out', () => {
    const names = [
      'w-10.h5',
      'w-9.h5',
      'w-2.h5',
      'notes.md',
      '.w-1.h5',
      'm-00001-of-00002.safetensors',
      'ckpt-1.index',
      'ckpt-1.data-00000-of-00001',
    ];
    assert.deepEqual(checkpointFiles(names), ['ckpt-1.index', 'w-2.h5', 'w-9.h5', 'w-10.h5']);
  });

  it('has names as short as tells them apart', () => {
    assert.deepEqual(distinctNames(['/r/a/w.h5', '/r/b/w.h5']), ['a/w.h5', 'b/w.h5']);
    assert.deepEqual(distinctNames(['/r/a/w.h5', '/r/a/v.h5']), ['w.h5', 'v.h5']);
    assert.deepEqual(distinctNames(['/r/a/w.h5', '/r/a/w.h5']), ['w.h5', 'w.h5']);
  });
});
