// Mocha inside the real (remote, node) extension host.
//   node test/harness/run-host.mjs                        VS Code 1.100 on the running Node
//   VSCODE_VERSION=1.139 node test/harness/run-host.mjs   the newer one on its own Node
// Exit code 0 only if the suite ran and nothing failed; HOST_GREP, HOST_TIMEOUT, HOST_VERBOSE as in mocha.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { format } from 'node:util';
import { buildSuite, reportSuite } from './buildSuite.mjs';
import { ROOT, installVSCode, removeFolder, startVSCode, startBrowser, workbenchUrl } from './vscode.mjs';

const TIMEOUT = Number(process.env.HOST_TIMEOUT ?? 600_000);
const { entry, workspace } = await buildSuite();
const install = installVSCode();
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-data-'));
const resultFile = path.join(dataDir, 'host-result.json');
// The extension host inherits the server's environment.
const server = await startVSCode({ install, dataDir, driver: true, env: { HOST_RESULT: resultFile } });
const { page, close } = await startBrowser();

let finish;
const done = new Promise((resolve) => (finish = resolve));
const NOISE =
  /^(Ignoring fetching additional|Resolv(ing|ed) connection token|Creating a socket|Updating additional builtin|ChatSessionStore|\[Service Worker\]|\[reconnection-grace-time\]|\[Agent|\[ChatModel|\[AccountPolicy|\[RemoteAgent)/;
// The web workbench reports through these two window functions when extensionTestsPath is set.
await page.exposeFunction('codeAutomationLog', (type, args) => {
  const text = format(...args);
  if (process.env.HOST_VERBOSE || !NOISE.test(text)) console.log(type === 'error' || type === 'warn' ? `[${type}] ${text}` : text);
});
await page.exposeFunction('codeAutomationExit', (code) => finish(code));
page.on('crash', () => finish(98));
await page.goto(workbenchUrl(server, { folder: workspace, development: ROOT, tests: entry }));
const timer = setTimeout(() => finish(99), TIMEOUT);
const code = await done;
clearTimeout(timer);
if (code !== 0) {
  fs.mkdirSync(path.join(ROOT, 'out/shots'), { recursive: true });
  await page.screenshot({ path: path.join(ROOT, 'out/shots/host-failure.png') }).catch(() => {});
}
await close();
await server.stop();

const hasPassed = reportSuite(resultFile, `VS Code ${install.name}, code ${code}`);
removeFolder(dataDir);
removeFolder(workspace);
process.exit(code === 0 && hasPassed ? 0 : 1);
