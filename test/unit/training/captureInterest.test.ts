import assert from 'node:assert/strict';
import type { CaptureSettings } from '../../../src/common/trainingProtocol';
import { CaptureInterest } from '../../../src/training/captureInterest';

describe('CaptureInterest', () => {
  it('asks for live frames only while somebody looks, and says each change once', () => {
    const said: CaptureSettings[] = [];
    const interest = new CaptureInterest((s) => said.push(s));
    assert.equal(interest.settings.isLive, false);
    const panel = interest.add(null);
    const gallery = interest.add('conv2d');
    panel.watch('conv2d');
    panel.watch('dense');
    gallery.dispose();
    gallery.dispose();
    panel.dispose();
    panel.watch('late');
    assert.deepEqual(
      said.map((s) => [s.isLive, s.watchedLayers]),
      [
        [true, []],
        [true, ['conv2d']],
        [true, ['conv2d', 'dense']],
        [true, ['dense']],
        [false, []],
      ],
    );
  });
});
