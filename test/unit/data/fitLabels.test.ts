import assert from 'node:assert/strict';
import type { DatasetInfo } from '../../../src/common/dataSpec';
import { checkLabelsFit, spareUnitsNote } from '../../../src/data/fitLabels';

const dataOf = (classes: number) =>
  ({ name: 'shapes', classNames: Array.from({ length: classes }, (_, i) => `class ${i}`) }) as unknown as DatasetInfo;
const LOSS = 'sparse_categorical_crossentropy';

describe('labels and the last layer', () => {
  it('says what units are for that no class has', () => {
    assert.equal(
      spareUnitsNote(dataOf(3), 10, LOSS),
      'shapes has 3 classes, the last layer 10 units: units 3 to 9 only learn never to be the answer. Give the layer 3 units, or choose data with 10 classes.',
    );
    assert.match(spareUnitsNote(dataOf(9), 10, 'categorical_crossentropy') ?? '', /: unit 9 only learns never/);
    assert.match(spareUnitsNote(dataOf(1), 2, LOSS) ?? '', /^shapes has 1 class, .* Give the layer 2 units/);
  });

  it('says nothing where every unit has its class, and where units are no classes', () => {
    assert.equal(spareUnitsNote(dataOf(10), 10, LOSS), null);
    assert.equal(spareUnitsNote(dataOf(2), 1, 'binary_crossentropy'), null);
    assert.equal(spareUnitsNote(dataOf(3), 10, 'mean_squared_error'), null);
    assert.equal(checkLabelsFit(dataOf(3), 10, LOSS, 'softmax'), null, 'such a model trains');
  });

  it('refuses more classes than units', () => {
    assert.match(checkLabelsFit(dataOf(11), 10, LOSS, 'softmax') ?? '', /shapes has 11 classes, the last layer only 10 units; give it 11/);
  });
});
