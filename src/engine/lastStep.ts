import { stepFrame, toldInFull, usualParameters, weightsFrame, type FrameHead } from './frames';
import type { Parameter } from './parameter';
import { copyWeights, type ProbeState } from './probes/probeState';
import type { CaptureWish, ParameterStep } from './trainStep';

/** A last step is kept whole up to this many weights. */
const MAX_WHOLE_VALUES = 16_000_000;

/** Why a step is looked at. */
export interface StepInterest {
  /** All of it is kept, as far as memory goes. */
  isWhole: boolean;
  /** It becomes a frame of the run's folder. */
  isStored: boolean;
  /** It becomes a frame for the views. */
  isLive: boolean;
  /** Layers that somebody looks at or asked for. */
  layers: readonly string[];
}

/** What is kept of a run's newest step, and what frames and probes are made of. */
export class LastStep {
  private readonly usual: Set<Parameter>;
  private readonly told: Set<Parameter>;
  private kept: { head: FrameHead; steps: ParameterStep[]; isWhole: boolean } | null = null;

  /** @param slotNames of the optimiser's state, in its order */
  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly slotNames: readonly string[],
  ) {
    this.usual = usualParameters(parameters);
    this.told = toldInFull(this.usual);
  }

  get weightCount(): number {
    return this.parameters.reduce((n, p) => n + p.size, 0);
  }

  /** Something of the newest step is there. */
  get isKept(): boolean {
    return this.kept !== null;
  }

  /** Everything of the newest step was wanted and is there, up to the limit of memory. */
  get isWhole(): boolean {
    return this.kept?.isWhole ?? false;
  }

  /** Number of the step that is kept; undefined without one. */
  get step(): number | undefined {
    return this.kept?.head.step;
  }

  /** Every parameter's part of the step is there. */
  get isComplete(): boolean {
    return this.isWhole && this.kept?.steps.length === this.parameters.length;
  }

  /** What to capture of the next step. */
  wishFor({ isWhole, isStored, isLive, layers }: StepInterest): CaptureWish {
    if (!isWhole && !isStored && !isLive) return () => 'nothing';
    const asked = new Set(layers);
    const keepsAll = isWhole && this.weightCount <= MAX_WHOLE_VALUES;
    const isTold = (p: Parameter): boolean => isStored && this.told.has(p);
    return (p) => (keepsAll || asked.has(p.layer) || isTold(p) ? 'slots' : this.usual.has(p) ? 'values' : 'nothing');
  }

  keep(head: FrameHead, steps: ParameterStep[], isWhole: boolean): void {
    this.kept = steps.length > 0 ? { head, steps, isWhole } : null;
  }

  forget(): void {
    this.kept = null;
  }

  /**
   * The newest state as a frame: of the step where it was kept, else of the weights alone.
   * @param layers told in full
   * @param head of a frame without a step
   */
  frame(layers: readonly string[], head: () => FrameHead): ArrayBuffer {
    const watched = new Set(layers);
    const isIn = (p: Parameter): boolean => this.usual.has(p) || watched.has(p.layer);
    if (!this.kept) return weightsFrame(head(), this.parameters.filter(isIn));
    const steps = this.kept.steps.filter((s) => isIn(s.parameter));
    return stepFrame(this.kept.head, steps, watched, this.slotNames, this.told);
  }

  /** What probes look into: the step, where all of it is there, else the weights from which step `next` starts. */
  probeState(next: number): ProbeState {
    if (!this.kept || !this.isComplete) return { step: next, kind: 'next', weights: copyWeights(this.parameters), taken: null };
    const { head, steps } = this.kept;
    const taken = { gradients: steps.map((s) => s.gradient), after: steps.map((s) => s.after) };
    return { step: head.step, kind: 'last', weights: steps.map((s) => s.before), taken };
  }
}
