/** The scripts inside of an HTML page, each with everything else blanked out, so that lines and columns stay where they are. */
export function pageScripts(html: string): string[] {
  const scripts: string[] = [];
  const opening = /<script\b([^>]*)>/gi;
  for (let match = opening.exec(html); match; match = opening.exec(html)) {
    const start = match.index + match[0].length;
    const closing = /<\/script\s*>/gi;
    closing.lastIndex = start;
    const end = closing.exec(html)?.index ?? html.length;
    opening.lastIndex = end;
    const type = /\btype\s*=\s*["']?([^"'\s>]*)/i.exec(match[1])?.[1].toLowerCase() ?? '';
    const isScript = type === '' || type === 'module' || /javascript|babel|typescript|jsx/.test(type);
    if (!isScript || html.slice(start, end).trim() === '' || isCommentedOut(html, match.index)) continue;
    scripts.push(blank(html.slice(0, start)) + html.slice(start, end));
  }
  return scripts;
}

/** Inside `<!-- … -->`. */
function isCommentedOut(html: string, at: number): boolean {
  const opened = html.lastIndexOf('<!--', at);
  return opened >= 0 && html.lastIndexOf('-->', at) < opened;
}

function blank(text: string): string {
  return text.replace(/[^\n\r]/g, ' ');
}
