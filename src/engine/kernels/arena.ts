import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { allocatorOf } from './wasmBackend';

const LINE = 64;
const SEGMENT_BYTES = 4 << 20;

/**
 * Memory that a captured step owns: nothing taken from it is used twice, so that its kernel calls can be run again on the same
 * addresses as often as one likes.
 */
export class Arena {
  private readonly segments: { from: number; to: number; raw: number }[] = [];
  private next = 0;
  private end = 0;
  /** Bytes that tensors and intermediate results take. */
  bytes = 0;

  constructor(
    private readonly malloc: (bytes: number) => number,
    private readonly free: (at: number) => void,
  ) {}

  take(bytes: number): number {
    const size = Math.max(LINE, Math.ceil(bytes / LINE) * LINE);
    if (this.next + size > this.end) this.grow(size);
    const at = this.next;
    this.next += size;
    this.bytes += size;
    return at;
  }

  owns(at: number): boolean {
    return this.segments.some((s) => at >= s.from && at < s.to);
  }

  release(): void {
    for (const s of this.segments.splice(0)) this.free(s.raw);
    this.next = this.end = 0;
  }

  private grow(size: number): void {
    const bytes = Math.max(size, SEGMENT_BYTES);
    const raw = this.malloc(bytes + LINE) >>> 0;
    if (raw === 0) throw new Error(`${bytes} bytes of memory are not to be had; use a smaller batch or smaller layers`);
    this.next = Math.ceil(raw / LINE) * LINE;
    this.end = this.next + bytes;
    this.segments.push({ from: this.next, to: this.end, raw });
  }
}

/** Lets an arena stand in for the allocator of TF.js's WASM backend. */
export class ArenaSwitch {
  private readonly arenas = new Set<Arena>();
  private current: Arena | null = null;
  private readonly malloc: (bytes: number) => number;
  private readonly free: (at: number) => void;

  constructor(backend: BackendWasm) {
    const module = allocatorOf(backend);
    this.malloc = module._malloc;
    this.free = module._free;
    module._malloc = (bytes) => {
      if (this.current) return this.current.take(bytes);
      const at = this.malloc(bytes);
      // TF.js would write to address 0.
      if (at === 0) throw new Error(`${bytes} bytes of memory are not to be had; use a smaller batch or smaller layers`);
      return at;
    };
    module._free = (at) => {
      for (const arena of this.arenas) if (arena.owns(at >>> 0)) return;
      this.free(at);
    };
  }

  /**
   * What `use` allocates lies in a new arena, and so does what it reserves with its argument; the arena is released if `use` throws.
   */
  within<T>(use: (reserve: (bytes: number) => number) => T): { arena: Arena; result: T } {
    if (this.current) throw new Error('a step is already being captured');
    const arena = new Arena(this.malloc, this.free);
    this.arenas.add(arena);
    this.current = arena;
    try {
      return { arena, result: use((bytes) => arena.take(bytes)) };
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
