import type { ProbedStep, Split } from '../../src/common/probeProtocol';
import { formatCount, formatPlural } from '../ui/format';

/** `step 20 (128 images)`, or of the step that comes next. */
export function stepWords({ step, kind, images }: ProbedStep): string {
  return `${kind === 'next' ? 'the coming step' : 'step'} ${formatCount(step)} (${formatPlural(images, 'image')})`;
}

/** What kind of images were looked at. */
export const SPLIT_WORDS: Record<Split, string> = {
  train: 'training images',
  validation: 'validation images, which it does not learn from',
  test: 'test images, which it does not learn from',
};
