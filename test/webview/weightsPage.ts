import * as path from 'node:path';
import { Transferred } from '../../src/base/channel';
import type { ViewedFile, WeightsSnapshot, WeightsViewCalls } from '../../src/common/weightsViewProtocol';
import { weightsService } from '../../src/weights/weightsService';
import { openWebview, type TestPage, type WebviewPageOptions } from './page';

/** A buffer on its way through the page's binding, which takes JSON only. */
interface Packed {
  base64: string;
}

export interface WeightsPage extends TestPage {
  /** Reads the files again and tells the page, as the host does when they change on disk. */
  change(): Promise<void>;
  /** Calls the page made, in order. */
  calls: { type: string; params: unknown }[];
  /** Calls of these types get no answer. */
  held: Set<string>;
  /** Tells the page that the last call of a type is so far. */
  progress(type: keyof WeightsViewCalls, done: number, total: number): Promise<void>;
}

/** Opens the weights page on real files: the thread's own service answers, in this process. */
export async function openWeightsPage(
  options: Omit<WebviewPageOptions, 'view'>,
  mode: WeightsSnapshot['mode'],
  paths: string[],
): Promise<WeightsPage> {
  const service = weightsService(() => {});
  const calls: WeightsPage['calls'] = [];
  const held = new Set<string>();
  let generation = 0;
  const closed = (file: string): ViewedFile => ({ name: path.basename(file), path: file, bytes: null, info: null, error: null });
  const open = async (file: string): Promise<ViewedFile> => {
    const base = closed(file);
    try {
      return { ...base, ...(await service.open({ path: file }, new AbortController().signal)), error: null };
    } catch (error) {
      return { ...base, error: (error as Error).message };
    }
  };
  const snapshot = async (): Promise<WeightsSnapshot> => ({
    mode,
    title: paths.map((p) => path.basename(p)).join(' ↔ '),
    // As the host does: a film's page asks for the files that it shows.
    files: await Promise.all(paths.map((p, i) => (mode === 'film' && i > 0 ? closed(p) : open(p)))),
    generation,
  });
  const withPath = (params: unknown): never => {
    const { file, minus, ...rest } = params as { file: number; minus?: { file: number; tensor: string } };
    return { ...rest, path: paths[file], ...(minus ? { minus: { path: paths[minus.file], tensor: minus.tensor } } : {}) } as never;
  };
  const answer = async (type: keyof WeightsViewCalls, params: unknown): Promise<unknown> => {
    const { signal } = new AbortController();
    switch (type) {
      case 'hydrate':
      case 'reload':
        return snapshot();
      case 'openFile':
        return open(paths[(params as { file: number }).file]);
      case 'values':
        return service.read(withPath(params), signal);
      case 'difference': {
        const { a, b } = params as WeightsViewCalls['difference']['params'];
        return service.difference({ a: withPath(a), b: withPath(b) }, signal);
      }
      case 'kernels':
      case 'plane':
      case 'summarise':
        return service[type](withPath(params), signal);
      case 'compareWith':
        return null;
    }
  };
  const opened = await openWebview({ ...options, view: 'weights' }, async (page) => {
    await page.exposeFunction('askHost', async (type: keyof WeightsViewCalls, params: unknown) => {
      calls.push({ type, params });
      if (held.has(type)) return new Promise<never>(() => {});
      const result = await answer(type, params);
      return pack(result instanceof Transferred ? result.value : result);
    });
    // What the test runner's compiler puts around functions.
    await page.evaluate('globalThis.__name = (f) => f');
    await page.evaluate(bridge);
  });
  const tell = (type: string, payload: unknown): Promise<void> =>
    opened.page.evaluate(([t, p]) => window.postMessage({ kind: 'event', type: t, payload: JSON.parse(p) }, '*'), [
      type,
      JSON.stringify(payload),
    ] as const);
  return {
    ...opened,
    calls,
    held,
    progress: (type, done, total) => {
      const last = calls.findLast((c) => c.type === type)?.params as { job?: number } | undefined;
      return tell('didProgress', { job: last?.job, done, total });
    },
    change: async () => {
      generation++;
      await tell('didChange', await snapshot());
    },
  };
}

function pack(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64') } satisfies Packed;
  if (value && typeof value === 'object' && 'values' in value && value.values instanceof ArrayBuffer)
    return { ...value, values: pack(value.values) };
  return value;
}

/** Runs in the page: messages of the channel become calls of the binding. */
function bridge(): void {
  const unpack = (value: unknown): unknown => {
    if (!value || typeof value !== 'object') return value;
    if ('base64' in value) {
      const text = atob(String(value.base64));
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      return bytes.buffer;
    }
    return 'values' in value ? { ...value, values: unpack(value.values) } : value;
  };
  const ask = (window as unknown as { askHost(type: string, params: unknown): Promise<unknown> }).askHost;
  const api = window.acquireVsCodeApi();
  window.acquireVsCodeApi = () => ({
    ...api,
    postMessage: (message: { kind: string; id: number; type: string; params: never }) => {
      if (message.kind !== 'request') return;
      window.fakeHost.pending++;
      ask(message.type, message.params)
        .then(
          (ok) => window.postMessage({ kind: 'reply', id: message.id, ok: unpack(ok) }, '*'),
          (error: Error) => window.postMessage({ kind: 'reply', id: message.id, err: { name: 'Error', message: error.message } }, '*'),
        )
        .finally(() => window.fakeHost.pending--);
    },
  });
}
