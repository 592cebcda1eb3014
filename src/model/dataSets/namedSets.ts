import type { SourceRange } from '../../common/modelSpec';
import { array } from '../python/arrayValue';
import { tuple, type Value } from '../python/value';
import { DataOrigin } from './dataOrigin';

interface NamedSet {
  /** [height, width] or [height, width, channels], as the loader returns them. */
  imageShape: number[];
  classes: number;
  train: number;
  test: number;
  labelShape: number[];
}

/** The image sets that `keras.datasets` loads, in its shapes. */
const SETS: Record<string, NamedSet> = {
  mnist: { imageShape: [28, 28], classes: 10, train: 60000, test: 10000, labelShape: [] },
  fashion_mnist: { imageShape: [28, 28], classes: 10, train: 60000, test: 10000, labelShape: [] },
  cifar10: { imageShape: [32, 32, 3], classes: 10, train: 50000, test: 10000, labelShape: [1] },
  cifar100: { imageShape: [32, 32, 3], classes: 100, train: 50000, test: 10000, labelShape: [1] },
};

export function isNamedSet(name: string): boolean {
  return Object.hasOwn(SETS, name);
}

/** [height, width, channels] of one image of a named set. */
export function namedSetImage(name: string): [number, number, number] {
  const [height, width, channels = 1] = SETS[name].imageShape;
  return [height, width, channels];
}

/** Number of classes of a named set. */
export function namedSetClasses(name: string): number {
  return SETS[name].classes;
}

/** What `load_data()` of a named set returns: ((x_train, y_train), (x_test, y_test)). */
export function loadNamedSet(name: string, range: SourceRange, isChannelsFirst: boolean): Value {
  const set = SETS[name];
  const source = new DataOrigin({ kind: 'named', name, range }, set.classes);
  const image = isChannelsFirst && set.imageShape.length === 3 ? [set.imageShape[2], set.imageShape[0], set.imageShape[1]] : set.imageShape;
  const part = (split: 'train' | 'test', count: number): Value => {
    const origin = { source, split, scale: 1, offset: 0, isOneHot: false } as const;
    return tuple([
      array([count, ...image], { ...origin, role: 'input' }),
      array([count, ...set.labelShape], { ...origin, role: 'label' }, set.classes),
    ]);
  };
  return tuple([part('train', set.train), part('test', set.test)]);
}
