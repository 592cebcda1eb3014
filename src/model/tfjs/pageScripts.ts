/**
 * The scripts inside of an HTML page and in its event attributes (`onclick="…"`), each with everything else blanked out, so that lines and
 * columns stay where they are.
 */
export function pageScripts(html: string): string[] {
  const scripts: string[] = [];
  let rest = html;
  const opening = /<script\b([^>]*)>/gi;
  for (let match = opening.exec(html); match; match = opening.exec(html)) {
    if (isCommentedOut(html, match.index)) continue;
    const start = match.index + match[0].length;
    const closing = /<\/script\s*>/gi;
    closing.lastIndex = start;
    const end = closing.exec(html)?.index ?? html.length;
    opening.lastIndex = end;
    rest = rest.slice(0, start) + blank(html.slice(start, end)) + rest.slice(end);
    const type = /\btype\s*=\s*["']?([^"'\s>]*)/i.exec(match[1])?.[1].toLowerCase() ?? '';
    const isScript = type === '' || type === 'module' || /javascript|babel|typescript|jsx/.test(type);
    if (!isScript || html.slice(start, end).trim() === '') continue;
    scripts.push(blank(html.slice(0, start)) + html.slice(start, end));
  }
  return [...scripts, ...handlers(rest)];
}

/** The scripts of its own site that a page loads, as its `src` attributes say them. */
export function scriptSources(html: string): string[] {
  return [...html.matchAll(/<script\b[^>]*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gi)].flatMap((match) => {
    const source = (match[1] ?? match[2] ?? match[3] ?? '').trim();
    return source === '' || /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(source) || isCommentedOut(html, match.index)
      ? []
      : [source.replace(/^\//, '')];
  });
}

/** Code in event attributes that is more than a call or two. */
function handlers(html: string): string[] {
  const result: string[] = [];
  for (const match of html.matchAll(/\son\w+\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)) {
    const code = match[1] ?? match[2] ?? '';
    if (!/\btf\b/.test(code) || isCommentedOut(html, match.index)) continue;
    const start = match.index + match[0].length - 1 - code.length;
    result.push(blank(html.slice(0, start)) + withoutEntities(code));
  }
  return result;
}

const ENTITIES: Record<string, string> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#39;': "'", '&apos;': "'" };

/** Character references as what they stand for, padded so that columns stay. */
function withoutEntities(code: string): string {
  return code.replace(/&(?:quot|amp|lt|gt|apos|#39);/g, (reference) => ENTITIES[reference].padEnd(reference.length));
}

/** Inside `<!-- … -->`. */
function isCommentedOut(html: string, at: number): boolean {
  const opened = html.lastIndexOf('<!--', at);
  return opened >= 0 && html.lastIndexOf('-->', at) < opened;
}

function blank(text: string): string {
  return text.replace(/[^\n\r]/g, ' ');
}
