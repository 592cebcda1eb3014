import { randomBytes } from 'node:crypto';

export interface WebviewPage {
  /** Bundle name: `panel` loads dist/panel.js and dist/panel.css. */
  name: 'panel' | 'gallery' | 'weights' | 'seeds';
  title: string;
  /** The webview's own origin for local files (`webview.cspSource`). */
  cspSource: string;
  scriptUri: string;
  styleUri: string;
}

/**
 * The one HTML shell of all webviews. Everything is forbidden that is not listed: scripts run only with this page's nonce, styles come
 * from the extension or carry the nonce (the control toolkit reads it from the `csp-nonce` tag), nothing is fetched from a network.
 */
export function webviewHtml(page: WebviewPage): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${page.cspSource} 'nonce-${nonce}'`,
    `img-src ${page.cspSource} data: blob:`,
    `font-src ${page.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="csp-nonce" property="csp-nonce" content="${nonce}">
  <title>${escapeHtml(page.title)}</title>
  <link rel="stylesheet" href="${escapeHtml(page.styleUri)}">
</head>
<body data-view="${page.name}">
  <div id="root"></div>
  <script type="module" nonce="${nonce}" src="${escapeHtml(page.scriptUri)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
