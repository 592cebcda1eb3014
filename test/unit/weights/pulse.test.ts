import * as assert from 'node:assert/strict';
import { insideLibrary, outsideLibrary, PulseWatch, sharePulse } from '../../../src/weights/hdf5/pulse';

describe('the watch over the HDF5 library', () => {
  const watch = new PulseWatch(500);
  before(() => sharePulse(watch.buffer));
  after(() => sharePulse(new SharedArrayBuffer(8)));

  it('reports work that does not get on, and nothing else', () => {
    assert.equal(watch.isStuck(0), false, 'nothing has begun');
    insideLibrary(() => {
      assert.equal(watch.isStuck(1000), false, 'it has just begun');
      assert.equal(watch.isStuck(1400), false);
      assert.equal(watch.isStuck(1501), true);
      outsideLibrary(() => assert.equal(watch.isStuck(9000), false, 'a slow disk is no loop'));
      assert.equal(watch.isStuck(9100), false, 'it has read something');
      assert.equal(watch.isStuck(9601), true);
    });
    assert.equal(watch.isStuck(20_000), false, 'it has come back');
  });

  it('sees the end of work that throws', () => {
    assert.throws(() =>
      insideLibrary(() => {
        throw new Error('damaged');
      }),
    );
    assert.equal(watch.isStuck(30_000), false);
    assert.equal(watch.isStuck(40_000), false);
  });
});
