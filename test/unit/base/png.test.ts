import assert from 'node:assert/strict';
import { PNG } from 'pngjs';
import { crc32Of } from '../../../src/base/crc32';
import { encodePng } from '../../../src/base/png';

describe('encodePng', () => {
  it('is read back by pngjs pixel for pixel, checksums included', () => {
    const width = 37;
    const height = 11;
    const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i * 97 + (i >> 3)) & 255);
    const png = PNG.sync.read(encodePng(rgba, width, height));
    assert.deepEqual([png.width, png.height], [width, height]);
    assert.deepEqual([...png.data], [...rgba]);
  });

  it('refuses pixels that do not fit', () => {
    assert.throws(() => encodePng(new Uint8Array(15), 2, 2), /2 × 2 pixels need 16 bytes/);
  });

  it('has the checksum of the standard’s check string', () => {
    assert.equal(crc32Of(Buffer.from('123456789')), 0xcbf43926);
  });
});
