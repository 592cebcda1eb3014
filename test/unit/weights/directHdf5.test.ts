import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import { FileSource } from '../../../src/weights/byteSource';
import { DirectHdf5 } from '../../../src/weights/hdf5/direct/directHdf5';
import { Unsupported } from '../../../src/weights/hdf5/direct/unsupported';
import { Hdf5File } from '../../../src/weights/hdf5/hdf5File';
import type { Hdf5Reader } from '../../../src/weights/hdf5/hdf5Reader';

const folder = path.resolve('test/fixtures/weights/keras');

/** Everything that a reader says of a file, values included. */
function dump(file: Hdf5Reader): unknown {
  const seen = new Map<string, string>();
  const visit = (at: string): unknown => {
    const id = file.identity(at || '/');
    const before = seen.get(id);
    if (before !== undefined) return `the same as ${before}`;
    seen.set(id, at);
    const attributes = file.attributeNames(at || '/').sort();
    return {
      attributes: attributes.map((a) => [a, file.attribute(at || '/', a)]),
      children: file
        .names(at || '/')
        .sort()
        .map((name) => {
          const child = `${at}/${name}`;
          const kind = file.kind(child);
          if (kind === 'group') return [name, visit(child)];
          if (kind === 'other') return [name, kind];
          const dataset = file.dataset(child);
          if (dataset.dtype === 'string') return [name, 'string'];
          const length = dataset.shape.reduce((a, b) => a * b, 1);
          const middle = Math.floor(length / 3);
          const bytes = [file.readBytes(dataset, 0, length), file.readBytes(dataset, middle, Math.max(middle, length - 1))];
          return [name, dataset.dtype, dataset.shape, dataset.size, bytes.map((b) => Buffer.from(b).toString('hex'))];
        }),
    };
  };
  return visit('');
}

describe('reading HDF5 without its library', () => {
  for (const name of ['float32.weights.h5', 'bfloat16.weights.h5', 'model.h5', 'datasets.hdf5', 'theano.h5', 'dense.hdf5', 'chunks.hdf5'])
    it(`says the same of ${name} as the library`, async () => {
      const source = new FileSource(path.join(folder, name), name);
      const library = await Hdf5File.open(source);
      try {
        assert.deepEqual(dump(new DirectHdf5(source)), dump(library));
      } finally {
        library.close();
        source.close();
      }
    });

  it('leaves what it does not know to the library', () => {
    const source = new FileSource(path.join(folder, 'links.hdf5'), 'links.hdf5');
    assert.throws(() => new DirectHdf5(source).names('/'), Unsupported);
    source.close();
  });
});
