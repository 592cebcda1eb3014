export interface Picture {
  width: number;
  height: number;
  /** RGBA, rows from the top. */
  data: Uint8ClampedArray;
}

/** Pictures one below the other, left-aligned, transparent in between. */
export function stackPictures(pictures: readonly Picture[], gap: number): Picture {
  const width = Math.max(...pictures.map((p) => p.width));
  const height = pictures.reduce((h, p) => h + p.height + gap, -gap);
  const data = new Uint8ClampedArray(width * height * 4);
  let top = 0;
  for (const p of pictures) {
    for (let y = 0; y < p.height; y++) data.set(p.data.subarray(y * p.width * 4, (y + 1) * p.width * 4), (top + y) * width * 4);
    top += p.height + gap;
  }
  return { width, height, data };
}
