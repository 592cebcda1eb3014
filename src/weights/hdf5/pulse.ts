/**
 * Signs of life of the HDF5 library, for a watching thread: damaged files send it into loops that nothing in its own thread can end.
 * [0] is 1 while the library works, [1] changes whenever it gets on.
 */
let shared: Int32Array = new Int32Array(2);

/** @param buffer Memory of two 32-bit numbers that the other thread sees too. */
export function sharePulse(buffer: SharedArrayBuffer): void {
  shared = new Int32Array(buffer);
}

/** Runs the library's code. */
export function insideLibrary<T>(work: () => T): T {
  Atomics.store(shared, 0, 1);
  Atomics.add(shared, 1, 1);
  try {
    return work();
  } finally {
    Atomics.store(shared, 0, 0);
  }
}

/** Runs our code that the library calls: a slow disk is no loop. */
export function outsideLibrary<T>(work: () => T): T {
  Atomics.store(shared, 0, 0);
  try {
    return work();
  } finally {
    Atomics.add(shared, 1, 1);
    Atomics.store(shared, 0, 1);
  }
}

/** Tells when the library has worked for too long without getting on. */
export class PulseWatch {
  readonly buffer = new SharedArrayBuffer(8);
  private readonly view = new Int32Array(this.buffer);
  private last = -1;
  private since = 0;

  constructor(private readonly limitMs: number) {}

  /** To be asked a few times a second. */
  isStuck(now: number): boolean {
    const beat = Atomics.load(this.view, 1);
    if (Atomics.load(this.view, 0) === 0 || beat !== this.last) {
      this.last = beat;
      this.since = now;
      return false;
    }
    return now - this.since > this.limitMs;
  }
}
