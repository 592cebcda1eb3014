import assert from 'node:assert/strict';
import * as path from 'node:path';
import { candidatePaths, weightPathAt } from '../../../src/editor/weightPath';

describe('paths of weight files in code', () => {
  const at = (line: string, part: string) => weightPathAt(line, line.indexOf(part) + 1)?.text ?? null;

  it('are found in calls of every library', () => {
    assert.equal(at("model = load_model('cat.h5')", 'cat'), 'cat.h5');
    assert.equal(at('net.load_state_dict(torch.load("runs/best.pt", map_location="cpu"))', 'best'), 'runs/best.pt');
    assert.equal(at('m.load_weights(r"C:\\w\\x.weights.h5")', 'weights.h5'), 'C:\\w\\x.weights.h5');
    assert.equal(at('const m = await load(`model.safetensors`);', 'model'), 'model.safetensors');
  });

  it('are no other strings, and not beside the cursor', () => {
    assert.equal(at("open('notes.txt')", 'notes'), null);
    assert.equal(at("load('https://host/cat.h5')", 'host'), null);
    assert.equal(at("f('a.h5', 'b.txt')", 'b.txt'), null);
    assert.equal(weightPathAt("f('a.h5')  # comment", 15), null);
  });

  it('are looked for beside the file, above it within the workspace, and in the workspace', () => {
    const root = path.resolve('/w');
    const found = candidatePaths('m/x.h5', path.join(root, 'src/train/run.py'), [root, path.resolve('/v')], '/home/me');
    assert.deepEqual(
      found,
      ['/w/src/train/m/x.h5', '/w/src/m/x.h5', '/w/m/x.h5', '/v/m/x.h5'].map((p) => path.resolve(p)),
    );
    assert.deepEqual(candidatePaths('x.h5', path.resolve('/else/a/b.py'), [root], '/home/me'), [
      path.resolve('/else/a/x.h5'),
      path.resolve('/w/x.h5'),
    ]);
    assert.deepEqual(candidatePaths('~/x.h5', path.join(root, 'a.py'), [root], '/home/me'), [path.join('/home/me', 'x.h5')]);
    assert.deepEqual(candidatePaths(path.resolve('/abs/x.h5'), path.join(root, 'a.py'), [root], '/home/me'), [path.resolve('/abs/x.h5')]);
  });
});
