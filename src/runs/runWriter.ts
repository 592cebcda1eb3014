import * as fs from 'node:fs';
import * as path from 'node:path';
import type { EpochRow, MetricsRow, RunManifest } from '../common/run';
import { framesToDrop } from './thinFrames';

/** Writes a run's folder. Whole files are replaced atomically and lines appended, so that a kill at any moment loses nothing earlier. */
export class RunWriter {
  private readonly frameFolder: string;
  private stored: number[];

  /** @throws Error when the folder cannot be made. */
  constructor(readonly folder: string) {
    this.frameFolder = path.join(folder, 'frames');
    fs.mkdirSync(this.frameFolder, { recursive: true });
    this.stored = listFrames(folder);
  }

  get storedSteps(): number[] {
    return [...this.stored];
  }

  writeManifest(manifest: RunManifest): void {
    replace(path.join(this.folder, 'run.json'), JSON.stringify(manifest, null, 1));
  }

  /** Appends one line per step or epoch. */
  appendMetrics(rows: (MetricsRow | EpochRow)[]): void {
    if (rows.length === 0) return;
    fs.appendFileSync(path.join(this.folder, 'metrics.jsonl'), rows.map((r) => `${JSON.stringify(r)}\n`).join(''));
  }

  /** @returns the steps whose frames are there now. */
  writeFrame(step: number, frame: ArrayBuffer): number[] {
    replace(framePath(this.folder, step), new Uint8Array(frame));
    if (!this.stored.includes(step)) this.stored = [...this.stored, step].sort((a, b) => a - b);
    for (const old of framesToDrop(this.stored)) this.dropFrame(old);
    return this.storedSteps;
  }

  writeCheckpoint(checkpoint: ArrayBuffer): void {
    replace(path.join(this.folder, 'checkpoint.safetensors'), new Uint8Array(checkpoint));
  }

  /** Forgets everything after `step`: before a run is continued from its checkpoint, or (with -1) rewound. */
  truncateAfter(step: number): void {
    for (const s of this.stored) if (s > step) this.dropFrame(s);
    const file = path.join(this.folder, 'metrics.jsonl');
    if (!fs.existsSync(file)) return;
    const kept = fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => {
        try {
          return (JSON.parse(line) as MetricsRow).step <= step;
        } catch {
          return false;
        }
      });
    replace(file, kept.map((line) => `${line}\n`).join(''));
  }

  private dropFrame(step: number): void {
    fs.rmSync(framePath(this.folder, step), { force: true });
    this.stored = this.stored.filter((s) => s !== step);
  }
}

export function framePath(folder: string, step: number): string {
  return path.join(folder, 'frames', `${step}.safetensors`);
}

/** Steps of the whole frames in a folder, ascending; temporary and foreign files are passed over. */
export function listFrames(folder: string): number[] {
  try {
    return fs
      .readdirSync(path.join(folder, 'frames'))
      .map((name) => /^(\d+)\.safetensors$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

function replace(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.tmp`;
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, file);
}
