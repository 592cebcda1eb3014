import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { EpochRow, MetricsRow, MetricsTable, RunManifest } from '../common/run';
import { decodeTensors, type TensorFile } from '../common/safetensors';
import { framePath } from './runWriter';

/** @throws Error when the folder holds no readable run.json. */
export async function readManifest(folder: string): Promise<RunManifest> {
  const manifest = JSON.parse(await fs.readFile(path.join(folder, 'run.json'), 'utf8')) as RunManifest;
  if (manifest.format !== 'kernelscope-run-1') throw new Error(`run.json has format ${String(manifest.format)}, not kernelscope-run-1`);
  return manifest;
}

/** The metrics of a run. A torn last line, as a kill can leave it, is passed over. */
export async function readMetrics(folder: string): Promise<MetricsTable> {
  const table: MetricsTable = { steps: [], epochs: [] };
  const text = await fs.readFile(path.join(folder, 'metrics.jsonl'), 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    if (!line) continue;
    try {
      const row = JSON.parse(line) as MetricsRow | EpochRow;
      if ('learningRate' in row) table.steps.push(row);
      else table.epochs.push(row);
    } catch {
      // A torn line: the run continues from its checkpoint, which is older.
    }
  }
  return table;
}

/** @throws Error when there is no such frame. */
export async function readFrame(folder: string, step: number): Promise<ArrayBuffer> {
  return exactBuffer(await fs.readFile(framePath(folder, step)));
}

/** The newest whole checkpoint, null if there is none yet. */
export async function readCheckpoint(folder: string): Promise<TensorFile | null> {
  const bytes = await fs.readFile(path.join(folder, 'checkpoint.safetensors')).catch(() => null);
  return bytes ? decodeTensors(exactBuffer(bytes)) : null;
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
