import * as assert from 'node:assert/strict';
import { allNotes, readPython, summary } from '../readText';

const MODEL = `
from keras.models import Sequential
from keras.layers import Dense
model = Sequential()
model.add(Dense(3, input_shape=(2,)))
`;

/** Reads a text that begins with something hostile; the limit of time (of this process, whatever else runs) promises that nothing hangs. */
async function readAfter(hostile: string) {
  const started = process.cpuUsage();
  const source = await readPython(hostile + MODEL);
  return { source, milliseconds: spent(started) };
}

function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

describe('hostile programs', () => {
  const harmless: Record<string, string> = {
    'an endless loop': 'while True:\n    pass\n',
    'a loop that counts far': 'n = 0\nwhile n < 10 ** 12:\n    n += 1\n',
    'a huge range': 'for i in range(10 ** 15):\n    x = i\n',
    'a list of a huge range': 'x = list(range(10 ** 15))\n',
    'a comprehension over a huge range': 'x = [i * i for i in range(10 ** 15)]\n',
    'a repeated string': 'x = "ab" * 10 ** 12\ny = [0] * 10 ** 12\n',
    'endless recursion': 'def f(n):\n    return f(n + 1)\nf(0)\n',
    'recursion that branches': 'def f(n):\n    return f(n + 1) + f(n + 2)\nf(0)\n',
    'a huge power': 'x = 9 ** 9 ** 9\n',
    'a list that contains itself': 'x = []\nx.append(x)\nprint(x)\n',
    'a text that doubles': 'x = "abcdefgh"\nfor i in range(200):\n    x = x + x\n',
    'a list that doubles': 'x = [1]\nfor i in range(200):\n    x = x + x\n',
    'many long lists': 'x = []\nfor i in range(500):\n    for j in range(500):\n        x.append([0] * 19000)\n',
    'a joined text beyond all bounds': 'x = "a" * 10000\ny = x.join([x] * 10000)\nz = y.join([y] * 10000)\n',
    'a field as wide as the world': 'x = "{:999999999}".format(1)\ny = "%999999999d" % 1\nz = f"{1:.999999f}"\n',
    'code in a string': '__import__("os").system("touch /nowhere/here")\nexec("1/0")\neval("1/0")\n',
    'a class that derives from itself': 'class A(A):\n    pass\nA()\n',
  };
  for (const [name, text] of Object.entries(harmless)) {
    it(`read on behind ${name}`, async () => {
      const { source, milliseconds } = await readAfter(text);
      assert.deepEqual(source.models.map(summary), [['Dense [null,3] 9']]);
      assert.ok(milliseconds < 5000);
    });
  }

  it('stop at a budget of steps and say so', async () => {
    const loops = 'for a in range(500):\n  for b in range(500):\n    for c in range(500):\n      for d in range(500):\n        x = a\n';
    const { source, milliseconds } = await readAfter(loops);
    assert.ok(allNotes(source).some((n) => n.code === 'too-long'));
    assert.ok(milliseconds < 5000);
  });

  it('read deeply nested brackets without overflowing', async () => {
    const depth = 30_000;
    const { source } = await readAfter(`x = ${'('.repeat(depth)}1${')'.repeat(depth)}\n`);
    assert.deepEqual(source.models.map(summary), [['Dense [null,3] 9']]);
  });

  it('read a very deep chain of operators and calls without overflowing', async () => {
    const chain = `x = ${'1 + '.repeat(5000)}1\ny = a${'.b()'.repeat(3000)}\n`;
    const source = await readPython(chain + MODEL);
    assert.ok(source.models.length <= 1);
    assert.ok(!allNotes(source).some((n) => /undefined|TypeError/.test(n.message)));
  });

  it('read bytes that are no Python', async () => {
    const noise = Array.from({ length: 2000 }, (_, i) => String.fromCharCode((i * 7919) % 0x2000)).join('');
    assert.deepEqual((await readPython(noise)).models, []);
  });
});
