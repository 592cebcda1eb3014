import * as readline from 'node:readline';
import type { Answer, Job } from './job';

/** Answers jobs on stdin, one per line, on stdout; says first who answers. */
export function serveJobs(name: string, measure: (job: Job) => Promise<Answer>): void {
  console.log(JSON.stringify({ ready: name }));
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    measure(JSON.parse(line) as Job)
      .catch((e: unknown): Answer => ({ error: e instanceof Error ? e.message : String(e) }))
      .then((answer) => console.log(JSON.stringify(answer)));
  });
  lines.on('close', () => process.exit(0));
}

/** Milliseconds on the wall, or those that this process has spent computing: KERNELSCOPE_CLOCK decides. */
function clock(): number {
  if (process.env.KERNELSCOPE_CLOCK !== 'processor') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median time of steps, the first quarter left out, in `seconds`; at least `least` steps. */
export async function medianStep(seconds: number, least: number, step: () => unknown): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || times.length < least) {
    const started = clock();
    await step();
    times.push(clock() - started);
  }
  const settled = times.slice(times.length >> 2).sort((a, b) => a - b);
  return settled[settled.length >> 1];
}
