import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame } from '../../../src/common/frame';
import { hoverMarkdown, number, type HoverContent } from '../../../src/editor/hoverText';
import { reportBeforeTraining, reportOfFrame } from '../../../src/editor/layerReport';
import { exampleSpec, kernel, layer, line } from './exampleSpec';

const conv = exampleSpec().layers[0];
const drawn = Float32Array.from({ length: 36 }, (_, i) => (i - 18) / 100);
const content = (changes: Partial<HoverContent>): HoverContent => ({
  report: reportBeforeTraining(conv, 7, (w) => (w.name === 'kernel' ? drawn : new Float32Array(4))),
  initializerText: (w) => `${w.initializer.className} text`,
  picture: null,
  loadedFrom: null,
  status: null,
  remark: null,
  panelLink: 'command:open',
  trainLink: 'command:train',
  ...changes,
});

function trainedFrame(shape = [3, 3, 1, 4]) {
  const size = shape.reduce((a, b) => a * b, 1);
  const gradient = Float32Array.from({ length: size }, (_, i) => (i % 4 === 2 ? 0 : 0.5));
  const tensors = [
    { name: 'weight:conv2d/kernel', shape, values: new Float32Array(size).fill(2) },
    { name: 'gradient:conv2d/kernel', shape, values: gradient },
    { name: 'update:conv2d/kernel', shape, values: new Float32Array(size).fill(-0.002) },
  ];
  return decodeFrame(encodeFrame({ step: 41, epoch: 0, loss: 1, learningRate: 0.1, tensors }));
}

describe('hoverMarkdown', () => {
  it('says before training what was drawn and from what', () => {
    const text = hoverMarkdown(content({}));
    assert.match(text, /\*\*Conv2D\*\* `conv2d` → `\[·, 4, 4, 4\]` · 40 parameters/);
    assert.match(text, /drawn with seed 7/);
    assert.match(text, /`kernel` `\[3, 3, 1, 4\]`: GlorotUniform text/);
    assert.match(text, /drew −0.18 … 0.17/);
    assert.match(text, /`bias` `\[4\]`: Zeros text/);
    assert.ok(!/gradient/.test(text));
    assert.match(text, /\[▶ Train CNN\]\(command:train\) · \[Open in the kernel panel\]\(command:open\)/);
  });

  it('says during a run how the kernel is learning, and what the dead filters are computed from', () => {
    const report = reportOfFrame(conv, 7, trainedFrame());
    assert.ok(report);
    const text = hoverMarkdown(content({ report, trainLink: null }));
    assert.match(text, /After step 41/);
    assert.match(text, /now 2 … 2, mean 2, std 0/);
    assert.match(text, /gradient norm 2.6/); // sqrt(27 × 0.25)
    assert.match(text, /update : weight 0.001 /);
    assert.match(text, /1 of 4 filters may be dead \(their gradient was exactly 0 for this whole batch\)/);
    assert.ok(!/Train CNN/.test(text));
  });

  it('does not mix up a frame with a layer of another shape', () => {
    assert.equal(reportOfFrame(conv, 7, trainedFrame([5, 5, 1, 4])), null);
    assert.equal(reportOfFrame(exampleSpec().layers[2], 7, trainedFrame()), null);
  });

  it('keeps names from the file out of the Markdown', () => {
    const odd = layer('a`[x](command:evil)', 'Conv2D', [null, 1], [kernel([1, 1, 1, 1])], line(1));
    const text = hoverMarkdown(content({ report: reportBeforeTraining(odd, 1, () => new Float32Array(1)) }));
    assert.ok(text.includes("`a'[x](command:evil)`"));
  });

  it('says of a layer without weights that it has none', () => {
    assert.match(
      hoverMarkdown(content({ report: reportBeforeTraining(exampleSpec().layers[1], 7, () => null) })),
      /no parameters[^]*no weights/,
    );
  });

  it('still lists a weight too large to draw', () => {
    const text = hoverMarkdown(content({ report: reportBeforeTraining(conv, 7, () => null), remark: 'too many' }));
    assert.match(text, /`kernel` `\[3, 3, 1, 4\]`: GlorotUniform text/);
    assert.match(text, /\*too many\*/);
  });
});

describe('number', () => {
  it('is short and exact enough', () => {
    assert.deepEqual([0, 0.138013, -0.0825, 1.2345e-5, 123456, NaN].map(number), ['0', '0.138', '−0.0825', '1.23e−5', '1.23e+5', 'NaN']);
  });
});
