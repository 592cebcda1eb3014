import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as zlib from 'node:zlib';
import { openWeights } from '../../../src/weights/openWeights';

interface Entry {
  name: string;
  content: Buffer;
  /** Claimed instead of the real one. */
  size?: number;
  flags?: number;
  method?: number;
}

/** A zip archive, honest or not (APPNOTE.TXT of PKWARE). */
function zip(entries: Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, size = content.length, flags = 0, method = 8 } of entries) {
    const packed = method === 8 ? zlib.deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, listed, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

function npy(shape: string, data: Buffer, code = '<f4'): Buffer {
  const header = `{'descr': '${code}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const head = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header), data]);
}

describe('hostile weight files', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-hostile-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  let count = 0;

  function write(content: Buffer | string, name = `file${++count}`): string {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  }

  async function refused(content: Buffer | string, pattern: RegExp, name?: string): Promise<void> {
    // Time of the processor: other programs are not this one's fault.
    const begin = process.cpuUsage();
    await assert.rejects(openWeights(write(content, name)), (error: Error) => {
      assert.equal(error.name, 'WeightError', error.stack);
      assert.match(error.message, pattern);
      assert.match(error.message, /^[^\n]+; [^\n]+$/);
      return true;
    });
    const { user, system } = process.cpuUsage(begin);
    assert.ok(user + system < 1e6, `took ${(user + system) / 1000} ms`);
  }

  it('refuses an empty file and one of nothing in particular', async () => {
    await refused('', /the file is empty/);
    await refused('hello', /no weight file/);
    await refused(Buffer.alloc(100_000), /no weight file/);
    await assert.rejects(openWeights(path.join(folder, 'none')), /the file is not there; check the path/);
  });

  it('tells what a file is by its content, whatever its name', async () => {
    const npyFile = write(npy('2,', Buffer.from(Float32Array.of(1, 2).buffer)), 'model.h5');
    const reader = await openWeights(npyFile);
    assert.equal(reader.info.format, 'npy_npz');
    reader.close();
    await refused('{"a": 1}', /names no weights/, 'model.onnx');
  });

  it('refuses a zip bomb before it unpacks it', async () => {
    await refused(zip([{ name: 'a.npy', content: Buffer.alloc(300 * 1024 * 1024) }]), /grow from \d+ to \d+ bytes, as a zip bomb does/);
  });

  it('refuses an entry that unpacks to more or less than it claims', async () => {
    const content = npy('1000,', Buffer.alloc(4000));
    await refused(zip([{ name: 'a.npy', content, size: 100 }]), /more than the 100 bytes|has \d+ bytes|expected/);
    await refused(zip([{ name: 'a.npy', content, size: content.length + 9 }]), /unpacks to \d+ bytes instead of \d+/);
    await refused(zip([{ name: 'a.npy', content: npy('9000,', Buffer.alloc(4000)) }]), /has 4000 bytes of data, but .* needs 36000/);
    await refused(zip([{ name: 'a.npy', content: Buffer.alloc(0), size: 50 }]), /unpacks to 0 bytes instead of 50/);
  });

  it('sees that a large entry is not as long as it claims once it is read', async () => {
    const read = async (values: number, size: number): Promise<void> => {
      const content = npy(`${values},`, Buffer.alloc(400_000));
      const reader = await openWeights(write(zip([{ name: 'a.npy', content, size: content.length + size - 400_000 }])));
      try {
        await reader.read('a');
      } finally {
        reader.close();
      }
    };
    await read(100_000, 400_000);
    await assert.rejects(read(102_000, 408_000), /unpacks to \d+ bytes instead of \d+/);
    await assert.rejects(read(90_000, 360_000), /more than the \d+ bytes/);
  });

  it('reads every one of thousands of small packed entries', async () => {
    const entries = Array.from({ length: 5000 }, (_, i) => ({
      name: `w${i}.npy`,
      content: npy('2,', Buffer.from(Float32Array.of(i, -i).buffer)),
    }));
    const reader = await openWeights(write(zip(entries)));
    assert.equal(reader.info.tensors.length, 5000);
    for (const i of [0, 4999, 17, 2500]) assert.deepEqual([...(await reader.read(`w${i}`))], [i, -i]);
    reader.close();
  });

  it('names a password and an unknown packing', async () => {
    const content = npy('1,', Buffer.alloc(4));
    await refused(zip([{ name: 'a.npy', content, flags: 1 }]), /protected by a password; unpack the archive with its password/);
    await refused(zip([{ name: 'a.npy', content, method: 14 }]), /packed by method 14; pack it again/);
  });

  it('refuses entries that overlap', async () => {
    const archive = zip([
      { name: 'a.npy', content: npy('1,', Buffer.alloc(4)), method: 0 },
      { name: 'b.npy', content: npy('1,', Buffer.alloc(4)), method: 0 },
    ]);
    const second = archive.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    archive.writeUInt32LE(5, second + 42);
    await refused(archive, /overlap/);
  });

  it('says at which byte lengths do not fit', async () => {
    const header = Buffer.from('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await refused(Buffer.concat([length, header, Buffer.alloc(8)]), /tensor a of float32 \[3\] has 8 bytes instead of 12/);
    const far = Buffer.from('{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}');
    length.writeBigUInt64LE(BigInt(far.length));
    await refused(Buffer.concat([length, far, Buffer.alloc(8)]), /ends at byte 75, but the file has 71/);
    length.writeBigUInt64LE(1n << 40n);
    await refused(Buffer.concat([length, header]), /no weight file|claims/);
    await refused(npy(`${2 ** 40}, ${2 ** 40}`, Buffer.alloc(4)), /impossible shape/);
    await refused(npy('-1,', Buffer.alloc(4)), /axis of length -1/);
  });

  it('reads cycles and shared parts in pickles without end', async () => {
    // A list that holds itself: ] q\0 h\0 a .
    const cycle = await openWeights(write(Buffer.from('\x80\x02]q\x00h\x00a.', 'latin1')));
    assert.deepEqual(cycle.info.tensors, []);
    cycle.close();
    // Thirty lists, each of which holds the one before twice: 2^30 paths.
    const doubling = Array.from(
      { length: 30 },
      (_, i) => `]q${String.fromCharCode(i + 1)}(h${String.fromCharCode(i)}h${String.fromCharCode(i)}e`,
    );
    await refused(Buffer.from(`\x80\x02]q\x00${doubling.join('')}.`, 'latin1'), /nested into more than 500000 places/);
    await refused(Buffer.from(`\x80\x02${']'.repeat(1000)}${'a'.repeat(999)}.`, 'latin1'), /nested more than 400 deep/);
  });

  it('runs nothing that a pickle names, and says so', async () => {
    const marker = path.join(folder, 'ran');
    const pickle = `cposix\nsystem\n(S'touch ${marker}'\ntR.`;
    const reader = await openWeights(write(pickle));
    assert.ok(reader.info.warnings.some((w) => w.includes('posix.system') && w.includes('nothing of it was run')));
    reader.close();
    assert.equal(fs.existsSync(marker), false);
  });

  it('reads no file outside the folder that a model names', async () => {
    const manifest = (p: string) => JSON.stringify([{ paths: [p], weights: [{ name: 'a', shape: [1], dtype: 'uint8' }] }]);
    await refused(manifest('../../../../etc/passwd'), /outside its folder/);
    await refused(manifest('/etc/passwd'), /outside its folder/);
    await refused(manifest('https://example.com/x.bin'), /on the network/);
    await refused(JSON.stringify({ weight_map: { a: '../b.safetensors' } }), /outside its folder/);
  });

  it('survives JSON and protobuf messages nested without end', async () => {
    await refused('['.repeat(100_000), /nested more than 512 deep/);
    // A graph in an attribute of a node of a graph in … : fields 1 (node), 5 (attribute) and 6 (graph), innermost first.
    let graph: Buffer = Buffer.alloc(0);
    const field = (n: number, content: Buffer): Buffer => {
      const length: number[] = [];
      for (let left = content.length; ; left >>>= 7) {
        length.push((left & 127) | (left > 127 ? 128 : 0));
        if (left <= 127) break;
      }
      return Buffer.concat([Buffer.from([(n << 3) | 2, ...length]), content]);
    };
    for (let i = 0; i < 100; i++) graph = field(1, field(5, field(6, graph)));
    await refused(Buffer.concat([Buffer.from([8, 7]), field(7, graph)]), /nested more than 32 deep/);
  });

  it('does not wait for what is no regular file', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = path.join(folder, 'pipe.pt');
    execFileSync('mkfifo', [pipe]);
    await assert.rejects(openWeights(pipe), /the file is not a regular file/);
    await assert.rejects(openWeights(write('{"weight_map":{"a":"pipe.pt"}}')), /pipe.pt is not a regular file/);
  });

  it('refuses indexes that lead to themselves', async () => {
    await assert.rejects(openWeights(write('{"weight_map":{"a":"ring.json"}}', 'ring.json')), /ring.json is JSON instead of a shard/);
  });

  it('refuses JSON that would fill memory, before it is parsed', async () => {
    const header = Buffer.from(`{${Array.from({ length: 700_000 }, (_, i) => `"${i}":{"a":[],"b":[]}`).join()}}`);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await assert.rejects(openWeights(write(Buffer.concat([length, header]))), /JSON of 2100001 lists and objects/);
  });

  it('says what a damaged length of a SafeTensors header is', async () => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(2n ** 63n);
    await assert.rejects(openWeights(write(Buffer.concat([length, Buffer.from('{"a":1}')]))), /the header at byte 0 claims 92\d+ bytes/);
  });

  it('refuses pickles that only nest', async () => {
    const marks = Buffer.concat([Buffer.from('\x80\x02', 'latin1'), Buffer.alloc(200_000, '('), Buffer.from('.')]);
    await assert.rejects(openWeights(write(marks)), /more objects than a weight file has/);
    const lists = Buffer.concat([Buffer.alloc(500_000, ']'), Buffer.alloc(499_999, 'a'), Buffer.from('.')]);
    await refused(lists, /more objects than a weight file has/);
  });

  it('refuses pickles that copy one list again and again', async () => {
    const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
    // A list of 300,000 numbers, remembered.
    const list = Buffer.concat([latin(']('), Buffer.alloc(600_000, 'K\x01'), latin('eq\x00')]);
    const copy = latin('cbuiltins\nlist\nh\x00\x85R');
    await refused(Buffer.concat([latin('\x80\x02'), list, ...Array.from({ length: 3000 }, () => copy), latin('.')]), /more objects/);
  });

  it('reads a state dictionary of 120,000 tensors', async () => {
    const text = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
    let slot = 0;
    const remember = (): string => {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(slot++);
      return `r${word.toString('latin1')}`;
    };
    const parts = ['\x80\x02}'];
    for (let i = 0; i < 120_000; i++) {
      if (i % 1000 === 0) parts.push(i > 0 ? 'u(' : '(');
      const storage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${remember()}${text('cpu')}K\x04t${remember()}Q`;
      const view = `K\0K\x02K\x02\x86${remember()}K\x02K\x01\x86${remember()}\x89ccollections\nOrderedDict\n)R${remember()}`;
      const name = `layers.${i}.weight`;
      parts.push(`${text(name)}${remember()}ctorch._utils\n_rebuild_tensor_v2\n(${storage}${view}t${remember()}R${remember()}`);
    }
    parts.push('u.');
    const entries = [
      { name: 'a/data.pkl', content: Buffer.from(parts.join(''), 'latin1'), method: 0 },
      { name: 'a/data/0', content: Buffer.from(Float32Array.of(1, 2, 3, 4).buffer), method: 0 },
    ];
    const reader = await openWeights(write(zip(entries)));
    assert.equal(reader.info.tensors.length, 120_000);
    assert.deepEqual([...(await reader.read('layers.119999.weight'))], [1, 2, 3, 4]);
    reader.close();
  });

  for (const [what, begin] of Object.entries({
    'a Git LFS pointer': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    'packed with gzip': '\x1f\x8b\x08\0',
    'a tar archive': `weights${'\0'.repeat(250)}ustar`,
    'a web page or XML': '\n<!DOCTYPE html><html><body>Not found</body></html>',
    'an image': '\x89PNG\r\n\x1a\n',
  }))
    it(`says that a file is ${what}`, async () => {
      const file = write(Buffer.concat([Buffer.from(begin, 'latin1'), Buffer.alloc(600)]), `model-${what.length}.h5`);
      await assert.rejects(openWeights(file), new RegExp(`the file is ${what}.*; `));
    });
});
