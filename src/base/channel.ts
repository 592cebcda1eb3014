import { Disposable, type DisposableLike } from './disposable';

/** What carries messages: a worker's port or a webview. `transfer` is ignored where the carrier cannot transfer. */
export interface Transport {
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): DisposableLike;
}

/** A set of calls, each with one parameter and one result: `{ loadFrame: Call<{ step: number }, ArrayBuffer> }`. */
export interface Call<P, R> {
  params: P;
  result: R;
}
export type Calls<T> = { [K in keyof T]: Call<unknown, unknown> };
export type Handlers<T extends Calls<T>> = {
  [K in keyof T]: (params: T[K]['params'], signal: AbortSignal) => T[K]['result'] | Promise<T[K]['result']>;
};

type Wire =
  | { kind: 'request'; id: number; type: string; params: unknown }
  | { kind: 'reply'; id: number; ok: unknown }
  | { kind: 'reply'; id: number; err: { name: string; message: string } }
  | { kind: 'cancel'; id: number }
  | { kind: 'event'; type: string; payload: unknown };

/** The reply to a call that its caller, or the end of the channel, called off. */
export class CancelledError extends Error {
  constructor(message = 'cancelled') {
    super(message);
    this.name = 'CancelledError';
  }
}

/** Marks a result whose buffers are to be transferred rather than copied. */
export class Transferred<T> {
  constructor(
    readonly value: T,
    readonly buffers: ArrayBuffer[],
  ) {}
}

/**
 * Calls and events over one transport, both ways. `Local` are the calls this side answers, `Remote` those the other side answers;
 * `Out` and `In` map event names to payloads. Disposal rejects every pending call with CancelledError.
 */
export class Channel<Local extends Calls<Local>, Remote extends Calls<Remote>, Out, In> extends Disposable {
  private nextId = 1;
  private readonly pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private readonly running = new Map<number, AbortController>();
  private readonly eventListeners = new Map<keyof In, Set<(payload: never) => void>>();

  constructor(
    private readonly transport: Transport,
    private readonly handlers: Handlers<Local>,
  ) {
    super();
    this._register(transport.onMessage((m) => void this.receive(m as Wire)));
    this._register({ dispose: () => this.rejectAll(new CancelledError('the channel was closed')) });
  }

  /** Calls the other side. Rejects with the other side's error, or with CancelledError when `signal` fires. */
  call<K extends keyof Remote & string>(
    type: K,
    params: Remote[K]['params'],
    signal?: AbortSignal,
    transfer?: ArrayBuffer[],
  ): Promise<Remote[K]['result']> {
    if (this.isDisposed) return Promise.reject(new CancelledError('the channel was closed'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => {
        if (!this.pending.delete(id)) return;
        this.transport.post({ kind: 'cancel', id } satisfies Wire);
        reject(new CancelledError());
      });
      this.transport.post({ kind: 'request', id, type, params } satisfies Wire, transfer);
    });
  }

  /** Tells the other side; nothing comes back. */
  fire<K extends keyof Out & string>(type: K, payload: Out[K], transfer?: ArrayBuffer[]): void {
    if (!this.isDisposed) this.transport.post({ kind: 'event', type, payload } satisfies Wire, transfer);
  }

  on<K extends keyof In & string>(type: K, listener: (payload: In[K]) => void): DisposableLike {
    const set = this.eventListeners.get(type) ?? new Set();
    this.eventListeners.set(type, set);
    set.add(listener);
    return { dispose: () => void set.delete(listener) };
  }

  /** Fails every pending call, for instance because the worker died. */
  rejectAll(error: Error): void {
    for (const p of this.pending.values()) p.reject(error);
    this.pending.clear();
    for (const r of this.running.values()) r.abort();
    this.running.clear();
  }

  private async receive(message: Wire): Promise<void> {
    switch (message.kind) {
      case 'event':
        for (const listener of this.eventListeners.get(message.type as keyof In) ?? []) listener(message.payload as never);
        return;
      case 'cancel':
        this.running.get(message.id)?.abort();
        return;
      case 'reply': {
        const p = this.pending.get(message.id);
        this.pending.delete(message.id);
        if (!p) return;
        if ('err' in message) p.reject(Object.assign(new Error(message.err.message), { name: message.err.name }));
        else p.resolve(message.ok);
        return;
      }
      case 'request':
        return this.answer(message);
    }
  }

  private async answer(message: Wire & { kind: 'request' }): Promise<void> {
    const { id, type, params } = message;
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      const handler = this.handlers[type as keyof Local] as ((p: unknown, s: AbortSignal) => unknown) | undefined;
      if (!handler) throw new Error(`no handler for ${type}`);
      const result = await handler(params, controller.signal);
      if (result instanceof Transferred) this.transport.post({ kind: 'reply', id, ok: result.value } satisfies Wire, result.buffers);
      else this.transport.post({ kind: 'reply', id, ok: result } satisfies Wire);
    } catch (error) {
      const e = error instanceof Error ? error : new Error(String(error));
      this.transport.post({ kind: 'reply', id, err: { name: e.name, message: e.message } } satisfies Wire);
    } finally {
      this.running.delete(id);
    }
  }
}
