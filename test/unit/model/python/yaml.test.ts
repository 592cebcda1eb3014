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
        rate: '1e-3',
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

  it('are refused where they are of another kind', () => {
    for (const text of ['a: &anchor 1', 'a: !!python/object b', 'a: |\n  text', 'a: [1,\n  2]', 'a: 1\n   b: 2'])
      assert.throws(() => parseYaml(text), text);
  });
});
