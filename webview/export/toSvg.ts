import type { WholePicture } from './wholePicture';

/** A vector picture: every weight a square, squares of one colour in one path. Texts stay texts. */
export function toSvg(picture: WholePicture): string {
  const { width, height, ratio, background, texts, images } = picture;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width / ratio}" height="${height / ratio}" viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges" font-family="system-ui, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="${background}"/>`,
  ];
  for (const { x, y, image } of images) {
    parts.push(`<g transform="translate(${x} ${y})">`);
    for (const [color, path] of rectanglePaths(image)) parts.push(`<path fill="${color}" d="${path}"/>`);
    parts.push('</g>');
  }
  for (const t of texts)
    parts.push(`<text x="${t.x}" y="${t.y}" font-size="${t.size}" fill="${t.color}" text-anchor="${t.anchor}">${escapeXml(t.text)}</text>`);
  parts.push('</svg>\n');
  return parts.join('\n');
}

/** The picture as rectangles, by colour: runs along a row, joined with equal runs of the rows below. */
export function rectanglePaths(image: { width: number; height: number; data: Uint8ClampedArray }): Map<string, string> {
  const { width, height } = image;
  const words = new Uint32Array(image.data.buffer, image.data.byteOffset, width * height);
  const paths = new Map<string, string[]>();
  const colors = new Map<number, string>();
  /** Runs that go on from row to row, by their first column. */
  let open = new Map<number, { end: number; word: number; top: number }>();
  const close = (left: number, { end, word, top }: { end: number; word: number; top: number }, bottom: number) => {
    let color = colors.get(word);
    if (color === undefined) {
      const [r, g, b] = new Uint8Array(new Uint32Array([word]).buffer);
      color = `#${[r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('')}`;
      colors.set(word, color);
    }
    const list = paths.get(color) ?? [];
    paths.set(color, list);
    list.push(`M${left} ${top}h${end - left}v${bottom - top}h${left - end}z`);
  };
  for (let y = 0; y <= height; y++) {
    const next: typeof open = new Map();
    for (let x = 0; y < height && x < width;) {
      const word = words[y * width + x];
      let end = x + 1;
      while (end < width && words[y * width + end] === word) end++;
      if (word !== 0) {
        const above = open.get(x);
        const isSame = above !== undefined && above.end === end && above.word === word;
        next.set(x, isSame ? above : { end, word, top: y });
        if (isSame) open.delete(x);
      }
      x = end;
    }
    for (const [left, run] of open) close(left, run, y);
    open = next;
  }
  return new Map([...paths].map(([color, list]) => [color, list.join('')]));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
