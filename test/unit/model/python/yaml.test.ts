import * as assert from 'node:assert/strict';
import { parseYaml } from '../../../../src/model/python/modules/yaml';

describe('settings in YAML', () => {
  it('are read as PyYAML reads them', () => {
    const text = `# an experiment
model:
  name: resnet   # with a comment
  layers: [2, 2, 'a, b']
  shape: {height: 28, width: 32}
  dropout: .5
  rate: 1e-3
  decay: 1.0e-3
  pretrained: no
  path: "a # b"
stages:
- filters: 16
  kernel: 3
- filters: 32
  names:
    - x
    - ~
empty:
url: http://example.org/a
`;
    assert.deepEqual(parseYaml(text), {
      model: {
        name: 'resnet',
        layers: [2, 2, 'a, b'],
        shape: { height: 28, width: 32 },
        dropout: 0.5,
        rate: 0.001,
        decay: 0.001,
        pretrained: false,
        path: 'a # b',
      },
      stages: [
        { filters: 16, kernel: 3 },
        { filters: 32, names: ['x', null] },
      ],
      empty: null,
      url: 'http://example.org/a',
    });
    assert.equal(parseYaml(''), null);
    assert.deepEqual(parseYaml('- 1\n- [2, 3]\n'), [1, [2, 3]]);
  });

  it('may stand over several lines, and be named once and used again', () => {
    const text = 'base: &base\n  lr: 0.1\n  sizes: [1,\n    2]\nbig:\n  <<: *base\n  lr: 0.2\nnote: |\n  two\n  lines\n';
    assert.deepEqual(parseYaml(text), {
      base: { lr: 0.1, sizes: [1, 2] },
      big: { lr: 0.2, sizes: [1, 2] },
      note: 'two\nlines\n',
    });
  });

  it('are refused where they are objects of Python’s, not valid, or without end', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`),
    ];
    for (const text of ['a: !!python/object:os.system b', 'a: 1\n---\nb: 2', 'a: [1', 'a: 1\n   b: 2', bomb.join('\n')])
      assert.throws(() => parseYaml(text), text.slice(0, 40));
  });
});
