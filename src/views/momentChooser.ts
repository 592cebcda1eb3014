import * as vscode from 'vscode';
import { framePath, listFrames } from '../runs/runWriter';
import type { RunLibrary } from '../training/runLibrary';
import type { TrainingService } from '../training/trainingService';

/** A stored frame of a run, with what it is called beside another. */
export interface ChosenMoment {
  name: string;
  path: string;
}

interface Run {
  folder: string;
  model: string;
  seed: number;
}
interface Point {
  run: Run;
  step: number;
}
interface StepItem extends vscode.QuickPickItem {
  step?: number;
}

/** Asks for two moments of one run, or of two. */
export class MomentChooser {
  constructor(
    private readonly training: TrainingService,
    private readonly runs: RunLibrary,
  ) {}

  /**
   * @param step of the open run that is the first moment; null: asked for.
   * @returns The earlier one first when they are of one run; null when called off.
   * @throws Error when there is no run, or one without frames.
   */
  async choose(step: number | null): Promise<ChosenMoment[] | null> {
    const run = this.openRun() ?? (await this.pickRun('First Run of the Comparison'));
    if (!run) return null;
    const stored = framesOf(run);
    const nearest = step === null ? null : stored.reduce((a, b) => (Math.abs(b - step) < Math.abs(a - step) ? b : a));
    const first = nearest === null ? await this.pickStep(run, `${run.model}: First Moment`, null) : { run, step: nearest };
    const second = first && (await this.pickStep(run, `Compare Step ${first.step} With`, first.step));
    if (!first || !second) return null;
    const isSame = first.run.folder === second.run.folder;
    const ordered = isSame && second.step < first.step ? [second, first] : [first, second];
    const isNamed = !isSame && first.run.model === second.run.model;
    return ordered.map((p) => ({
      name: `${p.run.model}${isNamed ? ` (seed ${p.run.seed})` : ''} step ${p.step}`,
      path: framePath(p.run.folder, p.step),
    }));
  }

  private openRun(): Run | null {
    const { session } = this.training;
    if (!session || listFrames(session.description.folder).length === 0) return null;
    const { folder, spec, options } = session.description;
    return { folder, model: spec.name, seed: options.seed };
  }

  private async pickRun(title: string): Promise<Run | null> {
    const items = (await this.runs.list()).map(({ folder, manifest }) => ({
      label: manifest.modelName,
      description: `${new Date(manifest.createdAt).toLocaleString()} · seed ${manifest.options.seed} · ${manifest.phase}`,
      run: { folder, model: manifest.modelName, seed: manifest.options.seed },
    }));
    if (items.length === 0) throw new Error('There is no run yet whose moments could be compared. Open a model file and press Train CNN.');
    return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.run ?? null;
  }

  /** A stored step of the run, or, with `other` given, of another run. */
  private async pickStep(run: Run, title: string, other: number | null): Promise<Point | null> {
    const steps = framesOf(run).filter((s) => s !== other);
    const word = (s: number, i: number): string => (s === 0 ? 'as drawn at the start' : i === steps.length - 1 ? 'newest' : '');
    const items: StepItem[] = steps.map((s, i) => ({ label: `Step ${s}`, description: word(s, i), step: s }));
    const ends = items.length > 2 ? [items[0], items[items.length - 1]] : items;
    const middle = items.filter((item) => !ends.includes(item));
    const separator: StepItem = { label: 'Stored in between', kind: vscode.QuickPickItemKind.Separator };
    const elsewhere: StepItem = { label: '$(history) Another Run…', alwaysShow: true };
    const all = [...ends, ...(other === null ? [] : [elsewhere]), ...(middle.length ? [separator, ...middle] : [])];
    const picked = await vscode.window.showQuickPick(all, { title, matchOnDescription: true });
    if (!picked) return null;
    if (picked.step !== undefined) return { run, step: picked.step };
    const second = await this.pickRun('Second Run of the Comparison');
    return second && this.pickStep(second, `${second.model}: Second Moment`, null);
  }
}

function framesOf(run: Run): number[] {
  const steps = listFrames(run.folder);
  if (steps.length === 0) throw new Error(`The run in ${run.folder} keeps no frames yet. Train it for at least one step.`);
  return steps;
}
