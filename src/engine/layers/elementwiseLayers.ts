import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { isAbove } from '../ops/comparisons';
import { single } from './layerClasses';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';

/** Keras's ELU with any alpha (Clevert et al. 2015). */
export class ScaledElu extends OwnLayer {
  static readonly className = 'KernelscopeELU';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const alpha = this.number('alpha', 1);
      if (alpha === 1) return tfc.elu(x);
      // elu(x) is x above zero: the difference to alpha is below it only.
      return tfc.add(tfc.mul(tfc.elu(x), alpha), tfc.mul(tfc.relu(x), 1 - alpha));
    });
  }
}

/** PyTorch's CELU: max(0, x) + min(0, alpha (exp(x / alpha) - 1)) (Barron 2017). */
export class Celu extends OwnLayer {
  static readonly className = 'KernelscopeCELU';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const alpha = this.number('alpha', 1);
      // elu(x / alpha) is x / alpha above zero, and no lower than -1 below.
      return tfc.mul(tfc.elu(tfc.div(x, alpha)), alpha);
    });
  }
}

/** Keras's PReLU (He et al. 2015): relu(x) - alpha · relu(-x). */
export class ParametricRelu extends OwnLayer {
  static readonly className = 'KernelscopePReLU';
  private alpha!: tfl.LayerVariable;

  override build(inputShape: Shape | Shape[]): void {
    const shared = [this.config.sharedAxes ?? []].flat().map(Number);
    const shape = oneShape(inputShape).slice(1);
    this.alpha = this.variable(
      'alpha',
      shape.map((n, i) => (shared.includes(i + 1) ? 1 : fixed(n, `the axes that ${this.name} does not share`))),
    );
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      return tfc.sub(tfc.relu(x), tfc.mul(this.alpha.read(), tfc.relu(tfc.neg(x))));
    });
  }
}

/** Keras's ThresholdedReLU; TF.js's has no gradient. */
export class ThresholdedRelu extends OwnLayer {
  static readonly className = 'KernelscopeThresholdedReLU';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      return tfc.mul(x, isAbove(x, this.number('theta', 1)));
    });
  }
}

/** Keras's Softmax over one axis or several. */
export class AxisSoftmax extends OwnLayer {
  static readonly className = 'KernelscopeSoftmax';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const axes = [this.config.axis ?? -1].flat().map((a) => (Number(a) + x.rank) % x.rank);
      if (axes.length === 1 && axes[0] === x.rank - 1) return tfc.softmax(x);
      const order = [...x.shape.map((_, i) => i).filter((i) => !axes.includes(i)), ...axes];
      const moved = tfc.transpose(x, order);
      const outer = moved.shape.slice(0, x.rank - axes.length);
      const y = tfc.reshape(tfc.softmax(tfc.reshape(moved, [...outer, -1])), moved.shape);
      return tfc.transpose(
        y,
        order.map((_, i) => order.indexOf(i)),
      );
    });
  }
}

/** Keras's Subtract. */
export class Subtract extends OwnLayer {
  static readonly className = 'KernelscopeSubtract';

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return broadcastShape(inputShape as Shape[]);
  }

  protected override get passesMask(): boolean {
    return false;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const [a, b] = inputs as tfc.Tensor[];
    return tfc.tidy(() => tfc.sub(a, b));
  }
}

/** The shape of an element-wise combination. */
export function broadcastShape(shapes: Shape[]): Shape {
  return shapes.reduce((a, b) => {
    const [long, short] = a.length >= b.length ? [a, b] : [b, a];
    return long.map((n, i) => {
      const m = i < long.length - short.length ? 1 : short[i - long.length + short.length];
      return n === 1 ? m : n;
    });
  });
}

/** Keras's ActivityRegularization: what it adds to the loss is read from its configuration. */
export class ActivityRegularization extends OwnLayer {
  static readonly className = 'KernelscopeActivityRegularization';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.clone(single(inputs));
  }
}

/** Keras's Rescaling, with one scale and offset or one per channel. */
export class Rescaling extends OwnLayer {
  static readonly className = 'KernelscopeRescaling';

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return oneShape(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const [scale, offset] = [constant(this.config.scale ?? 1), constant(this.config.offset ?? 0)];
      const scaled = scale === 1 ? x : tfc.mul(x, scale);
      return offset === 0 ? tfc.clone(scaled) : tfc.add(scaled, offset);
    });
  }
}

const constant = (value: unknown): number | tfc.Tensor1D => (Array.isArray(value) ? tfc.tensor1d(value.map(Number)) : Number(value));
