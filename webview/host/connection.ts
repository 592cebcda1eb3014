import { Channel, type Calls, type Transport } from '../../src/base/channel';
import type { ViewCalls, ViewEvents } from '../../src/common/panelProtocol';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export type HostChannel = Channel<Record<never, never>, ViewCalls, Record<never, never>, ViewEvents>;

/** The page's end of the line to the extension host, and the little that is kept when the page goes. */
export class HostConnection<Intent extends object, C extends Calls<C> = ViewCalls, E = ViewEvents> {
  readonly channel: Channel<Record<never, never>, C, Record<never, never>, E>;
  private readonly api = acquireVsCodeApi();

  constructor() {
    const transport: Transport = {
      post: (message) => this.api.postMessage(message),
      onMessage: (listener) => {
        const receive = (event: MessageEvent) => listener(event.data);
        window.addEventListener('message', receive);
        return { dispose: () => window.removeEventListener('message', receive) };
      },
    };
    this.channel = new Channel(transport, {});
  }

  /** What the person had set up when the page was last here; run data never is among it. */
  loadIntent(initial: Intent): Intent {
    const saved = this.api.getState();
    return typeof saved === 'object' && saved !== null ? { ...initial, ...saved } : initial;
  }

  saveIntent(intent: Intent): void {
    this.api.setState(intent);
  }
}
