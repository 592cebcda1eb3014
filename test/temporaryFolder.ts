import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const folders: string[] = [];
// One listener for all of them: Node warns of a leak at the eleventh.
process.once('exit', () => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })));

/** A folder that is gone when the test process ends. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-test-'));
  folders.push(folder);
  return folder;
}
