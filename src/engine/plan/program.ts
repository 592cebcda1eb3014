import type { Machine } from '../kernels/machine';
import type { Phase } from './schedule';

/** A program in the engine's memory, as `kernels/assembly/index.ts` reads it. */
export class Program {
  private readonly at: number;
  private readonly raw: number;
  readonly phases: number;

  constructor(
    private readonly machine: Machine,
    phases: readonly Phase[],
  ) {
    this.phases = phases.length;
    const words: number[] = [];
    const links: { word: number; target: number }[] = [];
    /** Appends words and says where they begin. */
    const append = (values: readonly number[]): number => words.push(...values) - values.length;
    append(new Array<number>(phases.length).fill(0));
    phases.forEach((lanes, p) => {
      const header = append([
        lanes.length,
        lanes.reduce((n, l) => n + l.chunks, 0),
        ...lanes.flatMap((l) => [l.chunks, l.items, l.launches.length, 0]),
      ]);
      links.push({ word: p, target: header });
      lanes.forEach((lane, i) => {
        machine.needScratch(Math.max(0, ...lane.launches.map((l) => l.scratch ?? 0)));
        const list = append(lane.launches.flatMap((l) => [l.job, 0]));
        links.push({ word: header + 2 + 4 * i + 3, target: list });
        lane.launches.forEach((launch, j) => links.push({ word: list + 2 * j + 1, target: append(launch.words) }));
      });
    });
    this.raw = machine.allocate(words.length * 4 + 16);
    this.at = Math.ceil(this.raw / 16) * 16;
    for (const { word, target } of links) words[word] = this.at + target * 4;
    machine.int32().set(words, this.at >>> 2);
  }

  run(): void {
    this.machine.run(this.at, this.phases);
  }

  dispose(): void {
    this.machine.release(this.raw);
  }
}
