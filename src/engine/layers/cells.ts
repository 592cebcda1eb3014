import * as tfc from '@tensorflow/tfjs-core';

type Apply = (x: tfc.Tensor) => tfc.Tensor;

/** What a cell needs besides its input and states. */
export interface Step {
  /** [units, gates · units] */
  kernel: tfc.Tensor2D;
  /** Of the recurrent product; GRUs with reset_after only. */
  bias: tfc.Tensor | undefined;
  resetsAfter: boolean;
  /** Recurrent dropout, [n, units]. */
  mask: tfc.Tensor | null;
  activation: Apply;
  recurrentActivation: Apply;
}

export type CellKind = 'simple' | 'gru' | 'lstm';

interface Cell {
  gates: number;
  states: number;
  /** @param x the product with the input and its bias, [n, gates · units]; the first state that comes out is the output */
  run(x: tfc.Tensor, states: tfc.Tensor[], step: Step): tfc.Tensor[];
}

function times(h: tfc.Tensor, { kernel, bias, mask }: Step): tfc.Tensor {
  const y = tfc.matMul((mask ? tfc.mul(h, mask) : h) as tfc.Tensor2D, kernel);
  return bias ? tfc.add(y, bias) : y;
}

/** Keras's recurrent cells, with gates in Keras's order. */
export const cells: Record<CellKind, Cell> = {
  simple: {
    gates: 1,
    states: 1,
    run: (x, [h], step) => [step.activation(tfc.add(x, times(h, step)))],
  },
  /** Update gate, reset gate, candidate (Cho et al. 2014). */
  gru: {
    gates: 3,
    states: 1,
    run(x, [h], step) {
      const [xz, xr, xh] = tfc.split(x, 3, 1);
      if (step.resetsAfter) {
        const [hz, hr, hh] = tfc.split(times(h, step), 3, 1);
        const z = step.recurrentActivation(tfc.add(xz, hz));
        const r = step.recurrentActivation(tfc.add(xr, hr));
        return [mixed(z, h, step.activation(tfc.add(xh, tfc.mul(r, hh))))];
      }
      const units = h.shape[1]!;
      const [inner, outer] = [tfc.slice(step.kernel, [0, 0], [units, 2 * units]), tfc.slice(step.kernel, [0, 2 * units], [units, units])];
      const [hz, hr] = tfc.split(times(h, { ...step, kernel: inner }), 2, 1);
      const z = step.recurrentActivation(tfc.add(xz, hz));
      const r = step.recurrentActivation(tfc.add(xr, hr));
      return [mixed(z, h, step.activation(tfc.add(xh, times(tfc.mul(r, h), { ...step, kernel: outer }))))];
    },
  },
  /** Input gate, forget gate, candidate, output gate (Hochreiter and Schmidhuber 1997). */
  lstm: {
    gates: 4,
    states: 2,
    run(x, [h, c], step) {
      const [i, f, g, o] = tfc.split(tfc.add(x, times(h, step)), 4, 1);
      const next = tfc.add(tfc.mul(step.recurrentActivation(f), c), tfc.mul(step.recurrentActivation(i), step.activation(g)));
      return [tfc.mul(step.recurrentActivation(o), step.activation(next)), next];
    },
  },
};

/** z · h + (1 - z) · candidate */
function mixed(z: tfc.Tensor, h: tfc.Tensor, candidate: tfc.Tensor): tfc.Tensor {
  return tfc.add(tfc.mul(z, h), tfc.mul(tfc.sub(1, z), candidate));
}
