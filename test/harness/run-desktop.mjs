// Mocha inside desktop VS Code: node test/harness/run-desktop.mjs [VERSION]
// VSCODE_EXECUTABLE names one that is installed; else @vscode/test-electron downloads it. For machines with a display (xvfb-run is
// one); elsewhere run-host.mjs runs the same tests in VS Code's server.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { buildSuite, reportSuite } from './buildSuite.mjs';
import { removeFolder, ROOT } from './vscode.mjs';

const version = process.argv[2] ?? '1.100.0';
if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
  console.error('Desktop VS Code needs a display: run this under xvfb-run, or run npm run test:host instead.');
  process.exit(1);
}
let executable = process.env.VSCODE_EXECUTABLE;
try {
  // Not inside the project: see the cache of vscode.mjs.
  executable ??= await downloadAndUnzipVSCode({ version, cachePath: path.join(os.homedir(), '.cache', 'vscode-test') });
} catch (error) {
  console.error(`Desktop VS Code ${version} could not be downloaded (${error.message}). Run npm run test:host instead.`);
  process.exit(1);
}
const { entry, workspace } = await buildSuite();
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-desktop-'));
const resultFile = path.join(dataDir, 'host-result.json');
let problem = null;
try {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: entry,
    extensionTestsEnv: { HOST_RESULT: resultFile },
    launchArgs: [
      workspace,
      `--user-data-dir=${path.join(dataDir, 'user')}`,
      `--extensions-dir=${path.join(dataDir, 'extensions')}`,
      '--disable-workspace-trust',
      '--disable-extensions',
      '--skip-welcome',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
} catch (error) {
  problem = error;
  console.error(error.message);
}
const hasPassed = reportSuite(resultFile, `desktop VS Code ${process.env.VSCODE_EXECUTABLE ? executable : version}`);
removeFolder(dataDir);
removeFolder(workspace);
process.exit(hasPassed && !problem ? 0 : 1);
