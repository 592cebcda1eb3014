import * as vscode from 'vscode';
import type { Assumption, ModelSpec, Note } from '../common/modelSpec';
import { openAssumptions } from '../training/openAssumptions';
import { answerText, parseAnswer } from '../training/parseAnswer';
import type { AssumptionStore } from '../training/assumptionStore';

/** Asks for one value and remembers it for this file; false when called off. */
export async function askForAssumption(uri: vscode.Uri, assumption: Assumption, store: AssumptionStore): Promise<boolean> {
  const name = assumption.key.split('.').at(-1) ?? assumption.key;
  const text = await vscode.window.showInputBox({
    title: `Value of ${name}`,
    prompt: 'The file does not say it. A number, a text, or several values such as (28, 28, 1). Remembered for this file.',
    value: answerText(store.get(uri)[assumption.key] ?? assumption.value),
    validateInput: (value) => (parseAnswer(value) === undefined ? 'Enter a number, a text, or values in brackets.' : undefined),
  });
  const value = text === undefined ? undefined : parseAnswer(text);
  if (value === undefined) return false;
  await store.set(uri, assumption.key, value);
  return true;
}

/**
 * Before training: shows what was assumed and lets the person change it. Answered once, it is not asked again for this file.
 * @returns `train`, `changed` when the model is to be read again, or `cancelled`
 */
export async function confirmAssumptions(
  uri: vscode.Uri,
  model: ModelSpec,
  notes: readonly Note[],
  store: AssumptionStore,
): Promise<'train' | 'changed' | 'cancelled'> {
  const open = openAssumptions(notes).filter((n) => !(n.assumption.key in store.get(uri)));
  if (open.length === 0) return 'train';
  const train = { label: '$(play) Train with these values', alwaysShow: true, note: null };
  const items = open.map((note) => ({
    label: `${note.assumption.key.split('.').at(-1)} = ${answerText(note.assumption.value)}`,
    description: `assumed, line ${note.range.startLine + 1}`,
    detail: note.message,
    note,
  }));
  const picked = await vscode.window.showQuickPick([train, ...items], {
    title: `${model.name}: not said by the file`,
    placeHolder: 'Train with what was assumed, or pick a value to change it',
    ignoreFocusOut: true,
  });
  if (!picked) return 'cancelled';
  if (picked.note) return (await askForAssumption(uri, picked.note.assumption, store)) ? 'changed' : 'cancelled';
  for (const { assumption } of open) await store.set(uri, assumption.key, assumption.value);
  return 'changed';
}
