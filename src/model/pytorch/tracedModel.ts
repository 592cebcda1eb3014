import type { SourceRange } from '../../common/modelSpec';
import type { Layer } from '../keras/layer';
import { FunctionalModel } from '../keras/model';
import type { SymbolicTensor, LayerNode } from '../keras/tensor';
import type { Tracer } from './tracer';

/** A traced network: a functional Keras model whose layers stand in the order in which the forward pass runs. */
export class TracedModel extends FunctionalModel {
  private readonly executed: LayerNode[];

  constructor(tracer: Tracer, name: string, source: SourceRange, outputs: SymbolicTensor[]) {
    super(tracer.session, name, source, tracer.inputs, outputs);
    const reached = new Set(super.network);
    this.executed = tracer.nodes.filter((n) => reached.has(n));
  }

  override get network(): LayerNode[] {
    return this.executed ?? super.network;
  }

  override get layers(): Layer[] {
    return [...new Set(this.network.map((n) => n.layer))];
  }
}
