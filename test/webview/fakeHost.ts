/**
 * The host's side of the panel protocol, inside the page: answers calls and sends events from a recorded run. Bundled by the harness
 * and put into the page before its own script; tests reach it as `window.fakeHost`.
 */
import { decodeFrame } from '../../src/common/frame';
import type { KernelHistory, Snapshot, ViewCalls, ViewEvents } from '../../src/common/panelProtocol';
import { layerInsight } from '../../src/insight/layerInsight';
import { kernelHistory } from '../../src/training/kernelHistory';

type Message = { kind: string; id: number; type: string; params: never };

export class FakeHost {
  /** What the page asked for, in order. */
  readonly calls: { type: string; params: unknown }[] = [];
  readonly violations: string[] = [];
  /** Requests that were not answered yet. */
  pending = 0;
  private changes = 0;
  state: unknown = null;
  snapshot: Snapshot = {
    runId: null,
    model: null,
    status: null,
    metrics: { steps: [], epochs: [] },
    firstFrame: null,
    frame: null,
    storedSteps: [],
    selectedLayer: null,
  };
  /** The next call of this name fails with this message. */
  failures: Partial<Record<keyof ViewCalls, string>> = {};
  readonly frames = new Map<number, ArrayBuffer>();
  /** Recorded answers of the training thread. */
  private readonly probes = new Map<string, string>();

  addProbe(key: string, result: string): void {
    this.probes.set(key, result);
  }

  addFrame(base64: string): number {
    const buffer = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;
    const { step } = decodeFrame(buffer);
    this.frames.set(step, buffer);
    return step;
  }

  /** Merges a change into the snapshot; `frameStep` and `firstStep` name recorded frames. */
  prepare(change: Partial<Snapshot>, frameStep?: number, firstStep?: number): void {
    Object.assign(this.snapshot, change);
    if (frameStep !== undefined) this.snapshot.frame = this.frames.get(frameStep) ?? null;
    if (firstStep !== undefined) this.snapshot.firstFrame = this.frames.get(firstStep) ?? null;
  }

  fire<K extends keyof ViewEvents & string>(type: K, payload: ViewEvents[K]): void {
    window.postMessage({ kind: 'event', type, payload }, '*');
  }

  sendFrame(step: number): void {
    const frame = this.frames.get(step);
    if (frame) this.fire('didCaptureFrame', frame.slice(0));
  }

  sendSnapshot(): void {
    this.fire('didChangeRun', this.snapshot);
  }

  constructor() {
    new MutationObserver(() => this.changes++).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  }

  /** Resolves when the page is at rest: every request is answered, and a round of frames and timers later nothing new was asked or changed. */
  async rest(): Promise<void> {
    const end = performance.now() + 30_000;
    let before = -1;
    for (;;) {
      await new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20))));
      const now = this.calls.length + this.changes;
      if (this.pending === 0 && now === before) return;
      if (performance.now() > end) throw new Error(`the page does not come to rest: ${this.pending} requests are open`);
      before = now;
    }
  }

  readonly api = {
    postMessage: (message: Message) => void this.receive(message),
    getState: () => this.state,
    setState: (state: unknown) => {
      this.state = structuredClone(state);
      sessionStorage.setItem('fakeHostState', JSON.stringify(state));
    },
  };

  private async receive(message: Message): Promise<void> {
    if (message.kind !== 'request') return;
    const { id, type, params } = message;
    this.calls.push({ type, params });
    const failure = this.failures[type as keyof ViewCalls];
    delete this.failures[type as keyof ViewCalls];
    this.pending++;
    try {
      if (failure) throw new Error(failure);
      window.postMessage({ kind: 'reply', id, ok: await this.answer(type, params) }, '*');
    } catch (error) {
      window.postMessage({ kind: 'reply', id, err: { name: 'Error', message: (error as Error).message } }, '*');
    } finally {
      this.pending--;
    }
  }

  private answer(type: string, params: unknown): Promise<KernelHistory> | unknown {
    switch (type) {
      case 'hydrate':
        return this.snapshot;
      case 'loadFrame':
        return this.frame((params as ViewCalls['loadFrame']['params']).step);
      case 'loadKernelHistory':
        return kernelHistory(
          this.snapshot.storedSteps,
          (step) => Promise.resolve(this.frame(step)),
          params as ViewCalls['loadKernelHistory']['params'],
        );
      case 'analyseKernels': {
        const { values, shape } = params as ViewCalls['analyseKernels']['params'];
        return layerInsight(new Float32Array(values), shape);
      }
      case 'gradientSum':
      case 'checkGradient':
      case 'lossSlice':
      case 'kernelSight':
      case 'knockOut':
      case 'mergeKernels':
      case 'activeShare':
      case 'classActivation':
      case 'excitement': {
        const key = `${type} ${JSON.stringify(Object.entries(params as object).sort(([a], [b]) => a.localeCompare(b)))}`;
        const result = this.probes.get(key);
        if (result === undefined) throw new Error(`no answer was recorded to ${key}`);
        return JSON.parse(result, (_, value: unknown) =>
          typeof value === 'object' && value !== null && 'float32' in value
            ? new Float32Array((value as { float32: number[] }).float32)
            : value,
        );
      }
      default:
        return null;
    }
  }

  private frame(step: number): ArrayBuffer {
    const frame = this.frames.get(step);
    if (!frame) throw new Error(`no frame of step ${step} was recorded`);
    return frame;
  }
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    acquireVsCodeApi: () => FakeHost['api'];
  }
}

const host = new FakeHost();
window.fakeHost = host;
const saved = sessionStorage.getItem('fakeHostState');
host.state = saved ? JSON.parse(saved) : null;
window.acquireVsCodeApi = () => host.api;
document.addEventListener('securitypolicyviolation', (e) =>
  host.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`),
);
