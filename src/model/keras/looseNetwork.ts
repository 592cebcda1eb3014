import { FunctionalModel } from './model';
import type { KerasSession } from './session';
import type { LayerNode, SymbolicTensor } from './tensor';

/** The network that a file builds from an Input without ever making a model of it; null when there is none. */
export function looseNetwork(session: KerasSession): FunctionalModel | null {
  const used = new Set(session.uses.flatMap((n) => n.inputs));
  const ends = session.uses.flatMap((n) => n.outputs.filter((t) => t.shape !== null && !used.has(t)));
  const end = ends.at(-1);
  const nodes = end ? nodesBehind(end) : new Set<LayerNode>();
  const inputs = [...nodes].filter((n) => n.inputs.length === 0);
  // The model must begin at inputs that the file names itself.
  if (!end || nodes.size < 3 || inputs.length === 0 || inputs.some((n) => n.layer.source === null)) return null;
  const source = end.node.layer.source ?? inputs[0].layer.source;
  const model = new FunctionalModel(session, session.names.next('Functional'), source, inputs.flatMap((n) => n.outputs).reverse(), [end]);
  if (source)
    session.inform(
      'no-model-call',
      'The file makes no Model of this network; it is shown from its Input to here. Add Model(inputs, outputs) to train it.',
      source,
    );
  return model;
}

function nodesBehind(end: SymbolicTensor): Set<LayerNode> {
  const seen = new Set<LayerNode>();
  const stack = [end.node];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.inputs.map((t) => t.node));
  }
  return seen;
}
