import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../harness/vscode.mjs';

/** More than any machine gets through while a test looks at a run: it ends when the test ends it. */
const ENDLESS = 1000;

/** The text of a sample, as shipped or with another number of epochs. */
export function sampleText(file: string, epochs?: number): string {
  const text = fs.readFileSync(path.join(ROOT, 'media/sample', file), 'utf8');
  return epochs === undefined ? text : text.replace(/epochs=\d+/, `epochs=${epochs}`);
}

/** Puts the digits sample into a workspace folder whose window begins to train it, without an end in sight. */
export function trainAtStart(folder: string): void {
  fs.writeFileSync(path.join(folder, 'mnist_cnn.py'), sampleText('mnist_cnn.py', ENDLESS));
  fs.mkdirSync(path.join(folder, '.vscode'));
  fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'kernelscope.trainOnStartup': 'mnist_cnn.py' }));
}
