import { decodeFrame, type Frame } from '../../src/common/frame';

/** Stored frames that were looked at lately, so that moving the time slider back costs no second read. */
export class FrameCache {
  private readonly frames = new Map<number, { frame: Frame; bytes: number }>();
  private bytes = 0;

  constructor(
    private readonly load: (step: number) => Promise<ArrayBuffer>,
    private readonly maxBytes = 96 << 20,
  ) {}

  peek(step: number): Frame | null {
    return this.frames.get(step)?.frame ?? null;
  }

  async get(step: number): Promise<Frame> {
    const known = this.frames.get(step);
    if (known) {
      this.frames.delete(step);
      this.frames.set(step, known);
      return known.frame;
    }
    const buffer = await this.load(step);
    const frame = decodeFrame(buffer);
    this.frames.set(step, { frame, bytes: buffer.byteLength });
    this.bytes += buffer.byteLength;
    for (const [oldest, entry] of this.frames) {
      if (this.bytes <= this.maxBytes || oldest === step) break;
      this.frames.delete(oldest);
      this.bytes -= entry.bytes;
    }
    return frame;
  }

  clear(): void {
    this.frames.clear();
    this.bytes = 0;
  }
}
