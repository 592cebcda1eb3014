import * as fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import { assetPath } from '../../base/assets';
import { type Arithmetic, hasRelaxedSimd } from './arithmetic';
import type { Launch } from './launch';
import type { WasmBackend } from './wasmBackend';

/** What the kernel module exports; see `assembly/index.ts`. */
export interface KernelExports {
  runAlone(program: number, phases: number, scratch: number): void;
  runTogether(control: number, program: number, phases: number): void;
  help(control: number, thread: number): void;
  roundsOnce(at: number): number;
}

/** What a helping thread is started with. */
export interface HelperData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly thread: number;
}

/** Bytes of the control block, and of the words in it that `assembly/index.ts` reads. */
const CONTROL = { bytes: 512, stop: 20, failed: 24, sequence: 0, scratch: 256 };
const MAX_THREADS = 64;
/** Bytes of a cache line: threads' own memory starts at one. */
const LINE = 64;
const aligned = (at: number): number => Math.ceil(at / LINE) * LINE;
/** Smaller launches run on the calling thread: waking another costs more than it saves. */
const WORTH_SHARING = 100_000;
/** Words of the phase that an eager launch is written into, before its arguments. */
const EAGER_WORDS = 64;

/** Instantiates the kernel module on a memory. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  const abort = (): never => {
    throw new Error('a training kernel failed');
  };
  return new WebAssembly.Instance(module, { env: { memory, abort } }).exports as unknown as KernelExports;
}

/** Runs launches on the tensors of TF.js's WASM backend, on one or several threads over the same memory. */
export class Machine {
  private readonly module: WebAssembly.Module;
  private readonly kernels: KernelExports;
  private readonly control: number;
  private readonly eager: number;
  private readonly tables = new Map<string, number>();
  private readonly helpers: Worker[] = [];
  private readonly scratch: number[] = [];
  private scratchBytes = 0;
  private words: Int32Array = new Int32Array(0);
  private floatView: Float32Array = new Float32Array(0);
  /** How products are added up. */
  readonly arithmetic: Arithmetic;
  /** Takes launches instead of running them, while a step is being captured. */
  onCapture: ((launch: Launch) => void) | undefined;
  /** Sees every launch and how many milliseconds it took, while a step is being measured. */
  onMeasure: ((launch: Launch, ms: number) => void) | undefined;

  /** @param wanted `fused` is used where the processor has it, and `portable` otherwise */
  constructor(
    private readonly wasm: WasmBackend,
    wanted: Arithmetic = 'fused',
  ) {
    const load = (arithmetic: Arithmetic): { module: WebAssembly.Module; kernels: KernelExports } => {
      const name = ['kernels', ...(arithmetic === 'fused' ? ['fused'] : []), ...(wasm.shared ? ['shared'] : [])].join('-');
      const module = new WebAssembly.Module(fs.readFileSync(assetPath(`${name}.wasm`)));
      return { module, kernels: instantiateKernels(module, wasm.memory) };
    };
    let loaded = wanted === 'fused' && hasRelaxedSimd() ? load('fused') : null;
    // Relaxed SIMD may round twice, where the processor does: then it gains nothing, and its bits are the portable ones.
    if (loaded && !loaded.kernels.roundsOnce(this.reserve(8))) loaded = null;
    this.arithmetic = loaded ? 'fused' : 'portable';
    ({ module: this.module, kernels: this.kernels } = loaded ?? load('portable'));
    this.control = this.reserve(CONTROL.bytes, 128);
    this.int32().fill(0, this.control >>> 2, (this.control + CONTROL.bytes) >>> 2);
    this.eager = this.reserve(EAGER_WORDS * 4, 64);
    this.setScratch(0);
  }

  get threads(): number {
    return this.helpers.length + 1;
  }

  /** The memory as integers; don't keep it, the memory may grow. */
  int32(): Int32Array {
    if (this.words.buffer !== this.wasm.memory.buffer) this.words = new Int32Array(this.wasm.memory.buffer);
    return this.words;
  }

  /** The memory as floats; don't keep it, the memory may grow. */
  float32(): Float32Array {
    if (this.floatView.buffer !== this.wasm.memory.buffer) this.floatView = new Float32Array(this.wasm.memory.buffer);
    return this.floatView;
  }

  /** Reserves memory for good, outside what a captured step owns. */
  reserve(bytes: number, alignment = 16): number {
    const at = this.wasm.malloc(bytes + alignment);
    return Math.ceil(at / alignment) * alignment;
  }

  /** Reserves memory until it is released. */
  allocate(bytes: number): number {
    return this.wasm.malloc(bytes);
  }

  release(at: number): void {
    this.wasm.free(at);
  }

  /** A table of byte offsets, made once per key. */
  table(key: string, make: () => Uint32Array): number {
    let at = this.tables.get(key);
    if (at === undefined) {
      const values = make();
      at = this.reserve(values.length * 4);
      this.int32().set(values, at >>> 2);
      this.tables.set(key, at);
    }
    return at;
  }

  /** Starts helping threads, so that `total` work together. Needs shared memory; says how many there are in the end. */
  async startThreads(total: number): Promise<number> {
    if (!this.wasm.shared) return this.threads;
    const wanted = Math.min(total, MAX_THREADS) - 1;
    const first = this.helpers.length + 1;
    // All at once: a thread takes longer to start than a small model to prepare.
    const starts = Array.from({ length: Math.max(0, wanted - this.helpers.length) }, (_, i) => this.startHelper(first + i));
    const results = await Promise.allSettled(starts);
    for (const r of results) if (r.status === 'fulfilled') this.helpers.push(r.value);
    const failed = results.find((r) => r.status === 'rejected');
    if (failed) throw failed.reason;
    return this.threads;
  }

  private async startHelper(thread: number): Promise<Worker> {
    this.setScratch(thread);
    const workerData: HelperData = { module: this.module, memory: this.wasm.memory, control: this.control, thread };
    const worker = new Worker(assetPath('pool-worker.js'), { workerData });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
    worker.unref();
    return worker;
  }

  /** Ends the helping threads. */
  async stopThreads(): Promise<void> {
    const words = this.int32();
    const at = this.control >>> 2;
    Atomics.store(words, at + CONTROL.stop / 4, 1);
    Atomics.add(words, at + CONTROL.sequence / 4, 1);
    if (this.wasm.shared) Atomics.notify(words, at + CONTROL.sequence / 4);
    await Promise.all(this.helpers.splice(0).map((w) => w.terminate()));
    for (const at of this.scratch.splice(1)) if (at) this.wasm.free(at);
    this.int32().fill(0, at, at + CONTROL.scratch / 4);
  }

  /** Runs a launch now. */
  launch(launch: Launch): void {
    if (this.onCapture) return this.onCapture(launch);
    this.needScratch(launch.scratch ?? 0);
    const started = this.onMeasure ? performance.now() : 0;
    const memory = this.int32();
    const at = this.eager >>> 2;
    const words = this.eager + 16 * 4;
    // program -> phase (1 lane) -> jobs (1) -> words
    memory[at] = this.eager + 8;
    memory[at + 2] = 1;
    memory[at + 3] = launch.chunks;
    memory[at + 4] = launch.chunks;
    memory[at + 5] = launch.items;
    memory[at + 6] = 1;
    memory[at + 7] = this.eager + 32;
    memory[at + 8] = launch.job;
    memory[at + 9] = words;
    memory.set(launch.words, words >>> 2);
    this.run(this.eager, 1, launch.chunks > 1 && (launch.work ?? Infinity) >= WORTH_SHARING);
    this.onMeasure?.(launch, performance.now() - started);
  }

  /** Runs a program of `phases` phases that lies at `program`. */
  run(program: number, phases: number, together = true): void {
    if (together && this.helpers.length > 0) {
      this.kernels.runTogether(this.control, program, phases);
      if (Atomics.load(this.int32(), (this.control + CONTROL.failed) >>> 2)) throw new Error('a training thread failed');
    } else this.kernels.runAlone(program, phases, aligned(this.scratch[0]));
  }

  /** Makes sure that every thread has this much memory of its own. */
  needScratch(bytes: number): void {
    if (bytes <= this.scratchBytes) return;
    this.scratchBytes = Math.ceil(bytes * 1.25);
    for (let i = 0; i < this.scratch.length; i++) {
      if (this.scratch[i]) this.wasm.free(this.scratch[i]);
      this.setScratch(i);
    }
  }

  private setScratch(thread: number): void {
    this.scratch[thread] = this.scratchBytes ? this.wasm.malloc(this.scratchBytes + LINE) : 0;
    this.int32()[(this.control + CONTROL.scratch + 4 * thread) >>> 2] = aligned(this.scratch[thread]);
  }
}
