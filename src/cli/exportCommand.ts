import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { decodeFrame, frameKey, type Frame } from '../common/frame';
import { encodeNpy } from '../common/npy';
import { film, type FilmStep } from '../report/film';
import { pictured } from '../report/layerPart';
import type { ReportedRun } from '../report/readRun';
import { metricCsv, metricNamesOf, metricSeries, tensorCsv } from '../report/tables';
import { readFrame } from '../runs/runReader';
import { openRunFolder } from './openRunFolder';
import { parseCommand, wholeNumber } from './options';
import { UserError } from './userError';

const usage =
  'export RUN [--tensor [FIELD:]LAYER/WEIGHT [--step N] | --metric NAME | --film LAYER [--kernel N]] [--format csv|npy|gif] [--out FILE]';

interface Exported {
  /** Without its extension. */
  name: string;
  as: Partial<Record<string, () => string | Uint8Array>>;
}

/** `kernelscope export`: any tensor or metric of a run as CSV or .npy, a layer's story as a GIF; without a name, what there is. */
export const exportCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const text = { type: 'string' } as const;
    const flags = { tensor: text, metric: text, film: text, step: text, kernel: text, format: text, out: text };
    const { values, positionals } = parseCommand(args, usage, 1, flags);
    const [folder] = positionals;
    const run = await openRunFolder(folder);
    const asked = [values.tensor, values.metric, values.film].filter((v) => v !== undefined);
    if (asked.length === 0) {
      console.log(listing(run));
      return 0;
    }
    if (asked.length > 1) throw new UserError('kernelscope', 1, 'give one of --tensor, --metric and --film');
    const exported =
      values.tensor !== undefined
        ? await tensorOf(folder, run, values.tensor, wholeNumber('step', values.step, 0))
        : values.metric !== undefined
          ? metricOf(folder, run, values.metric)
          : await filmOf(folder, run, values.film ?? '', wholeNumber('kernel', values.kernel, 0));
    const formats = Object.keys(exported.as);
    const format =
      values.format ?? (values.out && formats.includes(path.extname(values.out).slice(1)) ? path.extname(values.out).slice(1) : formats[0]);
    const make = exported.as[format];
    if (!make) throw new UserError('kernelscope', 1, `--format is ${format}; for this it can be ${formats.join(' or ')}`);
    const out = path.resolve(values.out ?? `${exported.name.replace(/[^\w.-]+/g, '-')}.${format}`);
    await fs.writeFile(out, make()).catch((error: Error) => {
      throw new UserError(values.out ?? out, 1, `cannot be written (${error.message}); give another file with --out`);
    });
    console.log(out);
    return 0;
  },
};

async function tensorOf(folder: string, run: ReportedRun, asked: string, step: number | null): Promise<Exported> {
  if (step !== null && !run.steps.includes(step))
    throw new UserError(folder, 1, `holds no frame of step ${step}; its frames are of steps ${run.steps.join(', ')}`);
  const frame = step === null ? run.last : decodeFrame(await readFrame(folder, step));
  if (!frame) throw new UserError(folder, 1, 'holds no frames yet; train at least one step');
  const tensor = frame.tensors.get(asked.includes(':') ? asked : `weight:${asked}`);
  if (!tensor) throw new UserError(folder, 1, `has no tensor ${asked} at step ${frame.step}; there are ${tensorNames(frame).join(', ')}`);
  return {
    name: `${asked}-step-${frame.step}`,
    as: { csv: () => tensorCsv(tensor), npy: () => encodeNpy(tensor.values, tensor.shape) },
  };
}

function metricOf(folder: string, run: ReportedRun, name: string): Exported {
  const series = metricSeries(run.metrics, name);
  if (!series)
    throw new UserError(folder, 1, `measured no ${name}; there are ${metricNamesOf(run.metrics).join(', ') || 'no metrics yet'}`);
  const pairs = () => Float64Array.from(series.steps.flatMap((s, i) => [s, series.values[i]]));
  return { name, as: { csv: () => metricCsv(name, series), npy: () => encodeNpy(pairs(), [series.steps.length, 2]) } };
}

async function filmOf(folder: string, run: ReportedRun, name: string, kernel: number | null): Promise<Exported> {
  const layers = pictured(run.manifest.spec.layers);
  const found = layers.find((l) => l.layer.name === name);
  if (!found) throw new UserError(folder, 1, `has no layer ${name} with kernels; there are ${layers.map((l) => l.layer.name).join(', ')}`);
  const { layer, weight } = found;
  const filters = weight.shape.at(-1) ?? 0;
  if (kernel !== null && kernel >= filters)
    throw new UserError('kernelscope', 1, `--kernel is ${kernel}; ${name} has kernels 0 to ${filters - 1}`);
  const steps: FilmStep[] = [];
  for (const step of run.steps) {
    const frame = await readFrame(folder, step).then(decodeFrame, () => null);
    const values = frame?.tensors.get(frameKey('weight', name, weight.name))?.values;
    if (values) steps.push({ step, values });
  }
  if (steps.length < 2) throw new UserError(folder, 1, `stored too few frames of ${name} for a film`);
  const gif = () => {
    try {
      return film(layer, weight, steps, kernel);
    } catch (error) {
      throw error instanceof RangeError ? new UserError(folder, 1, error.message) : error;
    }
  };
  return { name: kernel === null ? name : `${name}-kernel-${kernel}`, as: { gif } };
}

function listing(run: ReportedRun): string {
  const { last, steps, metrics } = run;
  const tensors = last ? tensorNames(last).map((name) => `  ${name} [${last.tensors.get(name)?.shape.join(', ')}]`) : ['  none yet'];
  const lines = [
    'Tensors of the newest frame:',
    ...tensors,
    `Steps with frames: ${steps.join(', ')}`,
    `Metrics: ${metricNamesOf(metrics).join(', ')}`,
  ];
  return lines.join('\n');
}

function tensorNames(frame: Frame): string[] {
  return [...frame.tensors.keys()];
}
