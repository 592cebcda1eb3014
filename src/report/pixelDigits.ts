/** The few characters a film writes over its pictures, 3 × 5 points each, row by row. */
const GLYPHS: Record<string, string> = {
  '0': '111101101101111',
  '1': '010110010010111',
  '2': '111001111100111',
  '3': '111001111001111',
  '4': '101101111001001',
  '5': '111100111001111',
  '6': '111100111101111',
  '7': '111001010010010',
  '8': '111101111101111',
  '9': '111101111001111',
  s: '011100010001110',
  t: '010111010010011',
  e: '111101111100111',
  p: '111101111100100',
  ' ': '000000000000000',
};

/** Calls `dot` for every point of `text`; a character takes four columns. Characters that are not known stay blank. */
export function drawPixelText(text: string, dot: (x: number, y: number) => void): void {
  [...text].forEach((character, i) => {
    const glyph = GLYPHS[character] ?? '';
    [...glyph].forEach((point, k) => {
      if (point === '1') dot(i * 4 + (k % 3), Math.floor(k / 3));
    });
  });
}
