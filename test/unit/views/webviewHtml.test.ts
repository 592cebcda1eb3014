import assert from 'node:assert/strict';
import { webviewHtml } from '../../../src/views/webviewHtml';

const page = {
  name: 'panel' as const,
  title: 'Kernels of <model> & "friends"',
  cspSource: 'https://*.vscode-cdn.net',
  scriptUri: 'https://x/dist/panel.js',
  styleUri: 'https://x/dist/panel.css',
};

describe('webviewHtml', () => {
  const html = webviewHtml(page);
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
  const directives = new Map(policy.split('; ').map((d) => [d.split(' ')[0], d.split(' ').slice(1)]));

  it('forbids everything by default and has no unsafe source', () => {
    assert.deepEqual(directives.get('default-src'), ["'none'"]);
    assert.ok(!/unsafe/.test(policy));
    assert.ok(!directives.has('connect-src'));
  });

  it('lets only scripts with this page’s nonce run', () => {
    const [source, ...others] = directives.get('script-src') ?? [];
    assert.deepEqual(others, []);
    const nonce = /^'nonce-([A-Za-z0-9_-]{24})'$/.exec(source)?.[1];
    assert.ok(nonce);
    const scripts = [...html.matchAll(/<script[^>]*>/g)].map((m) => m[0]);
    assert.equal(scripts.length, 1);
    assert.ok(scripts[0].includes(`nonce="${nonce}"`));
    assert.ok(html.includes(`<meta name="csp-nonce" property="csp-nonce" content="${nonce}">`));
  });

  it('draws a new nonce for every page', () => {
    assert.notEqual(html, webviewHtml(page));
  });

  it('escapes what it is given', () => {
    assert.ok(!html.includes('<model>'));
  });
});
