import { externalBase } from '../python/attributes';
import { ownDefinitions, type Scope } from '../python/scope';
import { mentionedNames } from './mentions';
import { layerNames } from './layerTable';
import type { KerasSession } from './session';

const TENSOR =
  /^(x|y|z|inp(ut)?s?|input_tensor|input_layer|tensor|layer|net|prev(ious)?(_layer)?|inputs?_?\d*|img|image|feature(s|_map)?)$/i;

/** Says why a file that uses Keras gives no model. */
export function noteNothing(session: KerasSession, scope: Scope): void {
  const { machine } = session;
  const words = new Set(layerNames());
  let isTold = machine.notes.some((n) => n.severity === 'error');
  for (const [name, value] of ownDefinitions(scope)) {
    if (value.kind === 'function') {
      const first = value.parameters[0]?.name ?? '';
      const uses = [...mentionedNames(value.body)].some((m) => words.has(m));
      if (!uses) continue;
      isTold = true;
      const why = TENSOR.test(first)
        ? `${name}() adds layers to the tensor "${first}" that it is given, but nothing in this file makes a model of it`
        : `${name}() uses layers of Keras, but what it builds can't be told from this file alone`;
      session.inform('no-model', `${why}. Open the file that calls it, or make a model with it here.`, lineOf(value.range));
    } else if (value.kind === 'class' && /\b(Model|Layer)$/.test(externalBase(value, machine)?.path ?? '')) {
      isTold = true;
      session.inform(
        'no-model',
        `The class ${name} is no model by itself, and nothing in this file makes a model of it.`,
        lineOf(value.range),
      );
    }
  }
  if (!isTold) {
    session.inform('no-model', 'This file uses Keras but builds no model.', { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 });
  }
}

const lineOf = <T extends { startLine: number; startColumn: number }>(range: T): T => ({
  ...range,
  endLine: range.startLine,
  endColumn: range.startColumn + 3,
});
