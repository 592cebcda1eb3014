const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' };

/** The value of a Python 2 string literal with its quotes, as protocol 0 writes it. */
export function unescapePython(literal: string): string {
  const quoted = /^\s*(['"])([\s\S]*)\1\s*$/.exec(literal);
  const body = quoted ? quoted[2] : literal;
  return body.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g, (_, hex?: string, octal?: string, other?: string) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & 255);
    return ESCAPES[other as string] ?? (other as string);
  });
}

/** Python's raw-unicode-escape: Latin-1, in which \\uXXXX and \\UXXXXXXXX stand for other characters. */
export function unescapeUnicode(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (all, short?: string, long?: string) => {
    const code = parseInt((short ?? long) as string, 16);
    return code > 0x10ffff ? all : String.fromCodePoint(code);
  });
}
