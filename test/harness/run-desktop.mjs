// Mocha inside desktop VS Code, which @vscode/test-electron downloads: node test/harness/run-desktop.mjs [VERSION]
// For machines with a display and a way to the download; elsewhere run-host.mjs runs the same tests in VS Code's server.
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { buildSuite } from './buildSuite.mjs';
import { removeFolder, ROOT } from './vscode.mjs';

const version = process.argv[2] ?? '1.100.0';
let executable;
try {
  executable = await downloadAndUnzipVSCode(version);
} catch (error) {
  console.error(`Desktop VS Code ${version} could not be downloaded (${error.message}). Run npm run test:host instead.`);
  process.exit(1);
}
const { entry, workspace } = await buildSuite();
try {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: entry,
    launchArgs: [workspace, '--disable-workspace-trust', '--disable-extensions', '--skip-welcome'],
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  removeFolder(workspace);
}
