import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { allocatorOf } from './wasmBackend';

/** Where addresses begin that stand for memory yet to be laid out: far beyond any real one, or any other word of a launch. */
export const VIRTUAL = 2 ** 40;

const LINE = 64;
const SEGMENT_BYTES = 1 << 20;

/** A stretch of memory. */
export interface Block {
  readonly at: number;
  readonly bytes: number;
}

/**
 * The memory of a step that is being captured. What kernels compute gets an address of its own, never used twice, without memory behind
 * it: the layout comes later, when all lifetimes are known. What JavaScript uploads gets memory at once.
 */
export class Arena {
  /** What kernels compute, in the order of the calls. */
  readonly blocks: Block[] = [];
  private readonly segments: Block[] = [];
  private next = 0;
  private end = 0;
  private nextVirtual = VIRTUAL;
  /** Bytes of uploads. */
  bytes = 0;

  constructor(
    private readonly malloc: (bytes: number) => number,
    private readonly free: (at: number) => void,
  ) {}

  /** Address of memory to be laid out. */
  take(bytes: number): number {
    const at = this.nextVirtual;
    this.blocks.push({ at, bytes });
    this.nextVirtual += Math.ceil(Math.max(1, bytes) / LINE) * LINE;
    return at;
  }

  /** Memory for an upload, which stays as long as the arena. */
  upload(bytes: number): number {
    const size = Math.max(LINE, Math.ceil(bytes / LINE) * LINE);
    if (this.next + size > this.end) {
      const segment = Math.max(size, SEGMENT_BYTES);
      const at = this.malloc(segment + LINE);
      this.segments.push({ at, bytes: segment + LINE });
      this.next = Math.ceil(at / LINE) * LINE;
      this.end = this.next + segment;
    }
    this.next += size;
    this.bytes += size;
    return this.next - size;
  }

  owns(at: number): boolean {
    return at >= VIRTUAL || this.segments.some((s) => at >= s.at && at < s.at + s.bytes);
  }

  release(): void {
    for (const s of this.segments.splice(0)) this.free(s.at);
    this.next = this.end = 0;
  }
}

/** Lets an arena stand in for the allocator of TF.js's WASM backend. */
export class ArenaSwitch {
  private readonly arenas = new Set<Arena>();
  /** The arena of the step that is being captured. */
  current: Arena | null = null;
  private readonly malloc: (bytes: number) => number;
  private readonly free: (at: number) => void;

  constructor(backend: BackendWasm) {
    const module = allocatorOf(backend);
    const { _malloc, _free } = module;
    this.malloc = (bytes) => {
      const at = _malloc(bytes) >>> 0;
      // TF.js would write to address 0.
      if (at === 0) throw new Error(`${bytes} bytes of memory are not to be had; use a smaller batch or smaller layers`);
      return at;
    };
    this.free = _free;
    module._malloc = (bytes) => this.current?.upload(bytes) ?? this.malloc(bytes);
    module._free = (at) => {
      for (const arena of this.arenas) if (arena.owns(at < 0 ? at >>> 0 : at)) return;
      this.free(at);
    };
  }

  /** What `use` allocates lies in a new arena; the arena is released if `use` throws. */
  within<T>(use: (arena: Arena) => T): { arena: Arena; result: T } {
    if (this.current) throw new Error('a step is already being captured');
    const arena = new Arena(this.malloc, this.free);
    this.arenas.add(arena);
    this.current = arena;
    try {
      return { arena, result: use(arena) };
    } catch (e) {
      this.release(arena);
      throw e;
    } finally {
      this.current = null;
    }
  }

  /** Gives an arena's memory back; no tensor may lie in it any more. */
  release(arena: Arena): void {
    arena.release();
    this.arenas.delete(arena);
  }
}
