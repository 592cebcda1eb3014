import * as vscode from 'vscode';

/** Asks for a seed; null when called off. Any finite number is a seed. */
export async function askForSeed(current: number): Promise<number | null> {
  const text = await vscode.window.showInputBox({
    title: 'Seed',
    prompt: 'Drives initialisers, shuffling, dropout and augmentation. The same file, data and seed give the same weights.',
    value: String(current),
    validateInput: (value) => (value.trim() !== '' && Number.isFinite(Number(value)) ? undefined : 'A seed is a number, such as 7.'),
  });
  return text === undefined ? null : Number(text);
}
