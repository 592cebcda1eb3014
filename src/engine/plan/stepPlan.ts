import type * as tfc from '@tensorflow/tfjs-core';
import { type Arena, type Block, VIRTUAL } from '../kernels/arena';
import type { Context, HostCall, Place } from '../kernels/context';
import { type Launch, whole } from '../kernels/launch';
import { noiseKey } from '../noise';
import type { NoiseClock } from '../layers/noiseLayer';
import { currentLayer } from '../ops/mark';
import { finiteFlags, finiteLaunch } from '../optimizers/optimizerKernel';
import { fuse } from './fuse';
import { layOut, relocate, type Layout } from './layout';
import { Program } from './program';
import { schedule } from './schedule';

/** The tensors of a step that the outside writes or reads. */
export interface StepTensors {
  input: tfc.Tensor;
  target: tfc.Tensor;
  output: tfc.Tensor;
  loss: tfc.Tensor;
  /** In the order of the model's parameters; null for those without gradient. */
  gradients: (tfc.Tensor | null)[];
}

interface Places {
  input: Place;
  target: Place;
  output: Place;
  loss: Place;
  /** Per parameter; null for those without gradient. */
  gradients: (Place | null)[];
  /** One word per block of gradients, not 0 when a value in it is not finite. */
  flags: Place;
}

const LINE = 64;
/** Launches of a step that are planned at most: planning so many takes some seconds. */
const MAX_LAUNCHES = 30_000;

/** What keeps a step from being captured. */
class NotCapturable extends Error {}

/**
 * The forward and backward pass of one step for one batch size, as a program of kernel launches on memory of its own: captured once,
 * replayed with new images, targets and noise. It computes the same bits as the calls it was captured from.
 */
export class StepPlan {
  private constructor(
    private readonly context: Context,
    private readonly arena: Arena,
    private readonly memory: Block,
    private readonly program: Program,
    private readonly noise: ReadonlyMap<string, number>,
    private readonly hostCalls: readonly HostCall[],
    private readonly places: Places,
  ) {}

  /**
   * Captures a step without computing it.
   * @param run makes the kernel calls of one step, and disposes of all tensors it made when it returns
   * @returns a plan, or in one sentence what prevents it
   */
  static capture(context: Context, run: (use: (tensors: StepTensors) => void) => void): StepPlan | string {
    const { machine } = context;
    const launches: Launch[] = [];
    const noise = new Map<string, number>();
    const place = (t: tfc.Tensor): Place => ({ at: context.at(t), size: t.size });
    const refuse = (what: string): never => {
      const layer = currentLayer();
      throw new NotCapturable(`${layer ? `layer ${layer}` : 'the loss'} uses ${what}, which has no training kernel yet`);
    };
    machine.onCapture = (launch) => {
      if (launches.push(launch) <= MAX_LAUNCHES) return;
      const layer = currentLayer();
      throw new NotCapturable(`${layer ? `layer ${layer}` : 'the loss'} makes a step longer than ${MAX_LAUNCHES} kernel calls`);
    };
    context.onForeignKernel = refuse;
    context.onNoise = (layer, at) => void noise.set(layer, at);
    const hostCalls: (HostCall & { layer: string | null })[] = [];
    context.onHostCall = (call) => void hostCalls.push({ ...call, layer: currentLayer() });
    let places: Omit<Places, 'flags'> | null = null;
    let captured: { arena: Arena; result: Places };
    try {
      captured = context.arenas.within((own) => {
        run(({ input, target, output, loss, gradients }) => {
          places = {
            input: place(input),
            target: place(target),
            output: place(output),
            loss: place(loss),
            gradients: gradients.map((g) => g && place(g)),
          };
        });
        if (!places) throw new Error('a captured step must show its tensors');
        // JavaScript runs before the kernels: it can use nothing that they make.
        const ready = new Set([places.input.at]);
        for (const { from, to, layer } of hostCalls) {
          if (from && !ready.has(from.at)) throw new NotCapturable(`layer ${layer} changes at random what earlier layers compute`);
          ready.add(to.at);
        }
        const sizes = places.gradients.map((g) => (g ? finiteFlags(g.size) : 0));
        const flags = own.take(sizes.reduce((a, b) => a + b, 0) * 4);
        let next = flags;
        places.gradients.forEach((g, i) => {
          if (g) launches.push(finiteLaunch(g.at, g.size, next));
          next += sizes[i] * 4;
        });
        return { ...places, flags: { at: flags, size: (next - flags) / 4 } };
      });
    } catch (e) {
      if (e instanceof NotCapturable) return e.message;
      return `capturing it failed: ${e instanceof Error ? e.message : String(e)}`;
    } finally {
      machine.onCapture = undefined;
      context.onForeignKernel = undefined;
      context.onNoise = undefined;
      context.onHostCall = undefined;
    }
    return StepPlan.layOut(context, launches, captured, noise, hostCalls);
  }

  /** Decides when launches run and where what they compute lies. */
  private static layOut(
    context: Context,
    launches: readonly Launch[],
    { arena, result: places }: { arena: Arena; result: Places },
    noise: ReadonlyMap<string, number>,
    hostCalls: readonly HostCall[],
  ): StepPlan | string {
    const { machine } = context;
    const { input, target, output, loss, gradients, flags } = places;
    const outside = [input, target, output, loss, flags, ...gradients, ...hostCalls.map((c) => c.to)].filter((p) => p !== null);
    const phases = schedule(
      fuse(
        launches,
        outside.map((p) => whole(p.at, p.size * 4)),
        (bytes) => arena.take(bytes),
      ),
    );
    const layout = layOut(phases, arena.blocks, new Set(outside.map((p) => p.at)));
    try {
      const memory = machine.allocate(layout.bytes + LINE);
      const base = Math.ceil(memory / LINE) * LINE;
      const real = (at: number): number => (at < VIRTUAL ? at : realAddress(at, arena.blocks, layout, base));
      const place = (p: Place): Place => ({ ...p, at: real(p.at) });
      return new StepPlan(
        context,
        arena,
        { at: memory, bytes: layout.bytes },
        new Program(machine, relocate(phases, real)),
        noise,
        hostCalls.map((call) => ({ ...call, from: call.from && place(call.from), to: place(call.to) })),
        {
          input: place(input),
          target: place(target),
          output: place(output),
          loss: place(loss),
          gradients: gradients.map((g) => g && place(g)),
          flags: place(flags),
        },
      );
    } catch (e) {
      context.arenas.release(arena);
      return e instanceof Error ? e.message : String(e);
    }
  }

  /** Bytes of tensors and intermediate results. */
  get bytes(): number {
    return this.arena.bytes + this.memory.bytes;
  }

  /** Computes a step's loss, outputs and gradients. */
  run(inputs: Float32Array, targets: Float32Array, clock: NoiseClock): void {
    const memory = this.context.machine.float32();
    memory.set(inputs, this.places.input.at >>> 2);
    memory.set(targets, this.places.target.at >>> 2);
    for (const [layer, at] of this.noise) {
      const { low, high } = noiseKey(clock.seed, clock.step, layer);
      this.context.setNoise(at, low, high);
    }
    for (const call of this.hostCalls) this.context.runOnHost(call);
    this.program.run();
  }

  get lossValue(): number {
    return this.context.machine.float32()[this.places.loss.at >>> 2];
  }

  /** A copy of the outputs. */
  outputValues(): Float32Array {
    return this.context.values(this.places.output).slice();
  }

  /** Whether all gradients are finite. */
  get isFinite(): boolean {
    const from = this.places.flags.at >>> 2;
    return this.context.machine
      .int32()
      .subarray(from, from + this.places.flags.size)
      .every((flag) => flag === 0);
  }

  /** Address of a parameter's gradient; 0 for those without. */
  gradientAt(parameter: number): number {
    return this.places.gradients[parameter]?.at ?? 0;
  }

  /** A gradient where it lies; not to be kept. Null for parameters without. */
  gradientValues(parameter: number): Float32Array | null {
    const place = this.places.gradients[parameter];
    return place && this.context.values(place);
  }

  dispose(): void {
    this.program.dispose();
    this.context.machine.release(this.memory.at);
    this.context.arenas.release(this.arena);
  }
}

/** Where an address lies after the layout; it may be within a block. */
function realAddress(at: number, blocks: readonly Block[], { offsets }: Layout, base: number): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].at <= at) low = middle + 1;
    else high = middle;
  }
  const block = blocks[low - 1];
  return base + (offsets.get(block.at) ?? 0) + (at - block.at);
}
