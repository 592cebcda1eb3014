const SIMPLE: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** Replaces Python's escape sequences; an unknown one stays as it is, as in Python. */
export function unescapePython(text: string): string {
  return text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
    (whole: string, octal?: string, hex2?: string, hex4?: string, hex8?: string, simple?: string) => {
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      const hex = hex2 ?? hex4 ?? hex8;
      if (hex) {
        const code = parseInt(hex, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      }
      return simple !== undefined && Object.hasOwn(SIMPLE, simple) ? SIMPLE[simple] : whole;
    },
  );
}

/** The value of a Python integer literal (`1_000`, `0xff`, `0o17`, `017`, `10L`). */
export function parseInteger(text: string): number {
  const t = text.replace(/_/g, '').replace(/[lL]$/, '').toLowerCase();
  if (/^0\d+$/.test(t)) return parseInt(t, 8);
  return Number(t);
}
