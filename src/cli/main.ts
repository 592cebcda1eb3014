#!/usr/bin/env node
import { UserError } from './userError';

interface Command {
  usage: string;
  /** Resolves to the exit code. */
  run(args: string[]): Promise<number>;
}

/** Loaded on demand, so that `kernelscope model` never loads TensorFlow.js. */
const commands: Record<string, () => Promise<Command>> = {
  model: async () => (await import('./modelCommand')).modelCommand,
  train: async () => (await import('./trainCommand')).trainCommand,
  seeds: async () => (await import('./seedsCommand')).seedsCommand,
  save: async () => (await import('./saveCommand')).saveCommand,
  report: async () => (await import('./reportCommand')).reportCommand,
  export: async () => (await import('./exportCommand')).exportCommand,
  insight: async () => (await import('./insightCommand')).insightCommand,
  weights: async () => (await import('./weightsCommand')).weightsCommand,
  diff: async () => (await import('./diffCommand')).diffCommand,
  gpu: async () => (await import('./gpuCommand')).gpuCommand,
};

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (!name || name === '--help' || name === '-h') {
    const usages = await Promise.all(Object.values(commands).map(async (load) => (await load()).usage));
    console.log(['Usage:', ...usages.map((u) => `  kernelscope ${u}`)].join('\n'));
    return name ? 0 : 2;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw new UserError('kernelscope', 1, `unknown command ${name}; the commands are ${Object.keys(commands).join(', ')}`);
  const command = await load();
  if (!rest.includes('--help') && !rest.includes('-h')) return command.run(rest);
  console.log(`Usage: kernelscope ${command.usage}`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UserError) {
      console.error(String(error));
      process.exitCode = 2;
    } else {
      console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exitCode = 1;
    }
  },
);
