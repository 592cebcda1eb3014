// VS Code loads this bundle (extensionTestsPath) inside the extension host and calls run().
import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';

interface Row {
  title: string;
  state: 'pass' | 'fail' | 'skip';
  ms?: number;
  err?: string;
}

/** Runs every *.test.js beside this bundle. Rejects when a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 180_000, grep: process.env.HOST_GREP || undefined });
  for (const file of fs.readdirSync(__dirname).sort()) if (file.endsWith('.test.js')) mocha.addFile(path.join(__dirname, file));
  const rows: Row[] = [];
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('pass', (t) => rows.push({ title: t.fullTitle(), state: 'pass', ms: t.duration }))
      .on('fail', (t, e: Error) => rows.push({ title: t.fullTitle(), state: 'fail', err: e?.stack ?? String(e) }))
      .on('pending', (t) => rows.push({ title: t.fullTitle(), state: 'skip' }));
  });
  // A dead extension host reports exit code 0: the runner insists on this file.
  if (process.env.HOST_RESULT) fs.writeFileSync(process.env.HOST_RESULT, JSON.stringify({ failures, rows, node: process.version }));
  if (failures > 0) throw new Error(`${failures} test(s) failed`);
}
