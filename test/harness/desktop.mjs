// Opens a folder in desktop VS Code with an extension under development; for `npm start`.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** VS Code's CLI opens a window and comes back, VS Code itself stays: what ends later than this was no failure to start. */
const START_MS = 4000;
/** So long nobody waits for the version of what is called `code`. */
const VERSION_MS = 20_000;
const isWindows = process.platform === 'win32';

/**
 * Opens the folder and the file in the VS Code that is installed, else in one that `download` brings.
 * @param options.oldest the oldest version that the extension runs in, such as 1.100
 * @param options.dataDir where VS Code keeps its own data if it is run by root, who may not use the usual place
 * @param options.download brings a VS Code and resolves to its executable
 * @returns null once a window is opening, else in a few words why that cannot be
 */
export async function openDesktop({ extension, folder, file, oldest, dataDir, download, env = process.env, startMs = START_MS }) {
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  const isRoot = process.getuid?.() === 0;
  const args = [
    `--extensionDevelopmentPath=${extension}`,
    // The folder is the sample's: nobody needs to be asked whether they trust it.
    '--disable-workspace-trust',
    ...(isRoot ? ['--no-sandbox', `--user-data-dir=${dataDir}`] : []),
    '--new-window',
    folder,
    '--goto',
    file,
  ];
  const installed = installedCode(oldest, env);
  if (installed.command) {
    const problem = await open(installed.command, args, env, startMs, isWindows);
    if (problem === null) return null;
    installed.problem = `the installed VS Code did not start (${problem})`;
  }
  let executable;
  try {
    executable = await download();
  } catch (error) {
    return `${installed.problem} and another could not be downloaded (${error instanceof Error ? error.message : error})`;
  }
  const problem = await open(executable, args, env, startMs, false);
  return problem && `the VS Code that was downloaded did not start (${problem})`;
}

/** The `code` on the PATH, if it is one that can open a window here with an extension of this version. */
function installedCode(oldest, env) {
  const name = isWindows ? 'code.cmd' : 'code';
  const found = (env.PATH ?? '').split(path.delimiter).some((p) => p && fs.existsSync(path.join(p, name)));
  if (!found) return { problem: 'no desktop VS Code was found' };
  // In a terminal of a remote window, `code` only talks to that window.
  if (env.VSCODE_IPC_HOOK_CLI) return { problem: 'the VS Code of this terminal is on another machine' };
  const asked = spawnSync(name, ['--version'], { encoding: 'utf8', env, shell: isWindows, timeout: VERSION_MS });
  const version = /^\d+\.\d+/.exec(asked.stdout ?? '')?.[0];
  if (asked.status !== 0 || !version) return { problem: 'the installed VS Code does not say its version' };
  if (isOlder(version, oldest)) return { problem: `the installed VS Code is ${version}, older than ${oldest},` };
  return { command: name };
}

function isOlder(version, than) {
  const [[a, b], [c, d]] = [version, than].map((v) => v.split('.').map(Number));
  return a < c || (a === c && b < d);
}

/** Starts a program that outlives this one. @returns null when it runs or has done its work, else what was wrong */
function open(command, args, env, startMs, isScript) {
  return new Promise((resolve) => {
    // A script is run by the shell on Windows, which takes arguments apart at spaces.
    const quoted = isScript ? args.map((a) => `"${a}"`) : args;
    const child = spawn(command, quoted, { stdio: 'ignore', detached: true, env, shell: isScript });
    const timer = setTimeout(() => resolve(null), startMs);
    const end = (problem) => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(code === 0 ? null : `it ended with ${code ?? signal}`));
    child.unref();
  });
}
