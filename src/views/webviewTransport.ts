import type * as vscode from 'vscode';
import type { Transport } from '../base/channel';

/**
 * Messages to and from one webview. Buffers are copied by VS Code, so a view of part of a buffer is never sent:
 * see common/frame.ts, whose frames are exact-size ArrayBuffers.
 */
export function webviewTransport(webview: vscode.Webview): Transport {
  return {
    post: (message) => void webview.postMessage(message),
    onMessage: (listener) => webview.onDidReceiveMessage(listener),
  };
}
