import { toDisposable, type DisposableLike } from '../base/disposable';
import type { CaptureSettings } from '../common/trainingProtocol';

export interface Interest extends DisposableLike {
  /** Null: every captured layer is enough, none in particular. */
  watch(layer: string | null): void;
}

/**
 * Sums up who looks at a run. As long as nobody does, the worker captures nothing for views; a layer that somebody looks at
 * closely is captured whole.
 */
export class CaptureInterest implements DisposableLike {
  private readonly watched = new Map<symbol, string | null>();
  private framesPerSecond = 30;
  private announced = '';

  constructor(private readonly announce: (settings: CaptureSettings) => void) {}

  get settings(): CaptureSettings {
    const watchedLayers = [...new Set([...this.watched.values()].filter((l) => l !== null))].sort();
    return { isLive: this.watched.size > 0, maxFramesPerSecond: this.framesPerSecond, watchedLayers };
  }

  /** A view became visible; dispose when it is hidden. */
  add(layer: string | null): Interest {
    const key = Symbol('view');
    this.watched.set(key, layer);
    this.update();
    const end = toDisposable(() => {
      this.watched.delete(key);
      this.update();
    });
    return {
      watch: (next) => {
        if (!this.watched.has(key)) return;
        this.watched.set(key, next);
        this.update();
      },
      dispose: () => end.dispose(),
    };
  }

  setMaxFramesPerSecond(value: number): void {
    this.framesPerSecond = value;
    this.update();
  }

  dispose(): void {
    this.watched.clear();
    this.update();
  }

  private update(): void {
    const settings = this.settings;
    const text = JSON.stringify(settings);
    if (text === this.announced) return;
    this.announced = text;
    this.announce(settings);
  }
}
