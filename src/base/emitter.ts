import { toDisposable, type DisposableLike } from './disposable';

export type Listener<T> = (event: T) => void;
export type Event<T> = (listener: Listener<T>) => DisposableLike;

/** A typed event source without any dependency on VS Code; a listener that throws does not keep the others from hearing. */
export class Emitter<T> implements DisposableLike {
  private readonly listeners = new Set<Listener<T>>();

  readonly event: Event<T> = (listener) => {
    this.listeners.add(listener);
    return toDisposable(() => this.listeners.delete(listener));
  };

  get hasListeners(): boolean {
    return this.listeners.size > 0;
  }

  fire(event: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
