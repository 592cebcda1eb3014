import type { JsonObject } from '../../../common/json';
import type { SourceRange } from '../../../common/modelSpec';
import { layerDefinition } from '../layerTable';
import { impliedLayer } from '../makeLayer';
import type { KerasSession } from '../session';
import type { SymbolicTensor } from '../tensor';

type Tensor = SymbolicTensor;

/** Puts a network together layer by layer; every layer's place is the call that asked for the network. */
export class NetBuilder {
  constructor(
    readonly session: KerasSession,
    readonly site: SourceRange,
  ) {}

  /** A layer of Keras used on one tensor or several. */
  use(className: string, inputs: Tensor | Tensor[], settings: JsonObject = {}): Tensor {
    const definition = layerDefinition(className);
    if (!definition) throw new Error(`the layer table lacks ${className}`);
    const layer = impliedLayer(this.session, definition, settings, this.site);
    return layer.apply(Array.isArray(inputs) ? inputs : [inputs], this.site)[0];
  }

  conv(x: Tensor, filters: number, size: number | number[], settings: JsonObject = {}): Tensor {
    return this.use('Conv2D', x, { filters, kernel_size: size, ...settings });
  }

  norm(x: Tensor, settings: JsonObject = {}): Tensor {
    return this.use('BatchNormalization', x, settings);
  }

  activation(x: Tensor, activation: string, name?: string): Tensor {
    return this.use('Activation', x, { activation, ...(name !== undefined && { name }) });
  }

  relu6(x: Tensor, name: string): Tensor {
    return this.use('ReLU', x, { max_value: 6, name });
  }

  /** Zeros around images: the same on both sides, or [[top, bottom], [left, right]]. */
  pad(x: Tensor, padding: number | number[][], name?: string): Tensor {
    const sizes = typeof padding === 'number' ? [padding, padding].map((n) => [n, n]) : padding;
    return this.use('ZeroPadding2D', x, { padding: sizes, ...(name !== undefined && { name }) });
  }

  channels(x: Tensor): number {
    return x.shape?.at(-1) ?? 0;
  }

  add(inputs: Tensor[], name?: string): Tensor {
    return this.use('Add', inputs, name === undefined ? {} : { name });
  }

  concat(inputs: Tensor[], name?: string): Tensor {
    return this.use('Concatenate', inputs, { axis: -1, ...(name !== undefined && { name }) });
  }
}
