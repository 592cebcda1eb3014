// Bundles the in-host tests, copies their workspace and reads their result; shared by the runners of the server and of desktop VS Code.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Resolves to the bundled suite's entry and a workspace of its own: training writes into it. */
export async function buildSuite() {
  const suite = path.join(ROOT, 'test/host/suite');
  const out = path.join(ROOT, 'out/host');
  fs.rmSync(out, { recursive: true, force: true });
  await esbuild.build({
    entryPoints: fs
      .readdirSync(suite)
      .filter((f) => f === 'index.ts' || f.endsWith('.test.ts'))
      .map((f) => path.join(suite, f)),
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
  });
  const workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-ws-'));
  fs.cpSync(path.join(ROOT, 'test/host/workspace'), workspace, { recursive: true });
  return { entry: path.join(out, 'index.js'), workspace };
}

/**
 * Prints what a suite wrote into its result file, HOST_RESULT.
 * @returns whether it ran and nothing failed: an extension host that died reports success, and so does a suite without tests
 */
export function reportSuite(resultFile, where) {
  const result = fs.existsSync(resultFile) ? JSON.parse(fs.readFileSync(resultFile, 'utf8')) : null;
  const passed = result?.rows.filter((r) => r.state === 'pass').length ?? 0;
  for (const row of result?.rows.filter((r) => r.state === 'fail') ?? []) console.error(`FAIL ${row.title}\n${row.err}`);
  console.log(`host (${where}, Node ${result?.node ?? '?'}): ${passed} passed, ${result ? result.failures : 1} failed`);
  return passed > 0 && result.failures === 0;
}
