/** Weights of red, green and blue in luma, ITU-R BT.601, as Pillow's convert('L') and tf.image.rgb_to_grayscale use them. */
const [red, green, blue] = [0.299, 0.587, 0.114];

/**
 * Converts pixels between grey (1), grey + alpha (2), RGB (3) and RGBA (4) channels. Alpha is dropped, as Pillow's convert does,
 * and is opaque (`valueRange`) where it is asked for and not there.
 * @param pixels height × width × from values
 * @returns `pixels` itself when nothing changes, else height × width × to values
 */
export function convertChannels(pixels: Float32Array, from: number, to: number, valueRange: number): Float32Array {
  if (from === to) return pixels;
  const count = pixels.length / from;
  const out = new Float32Array(count * to);
  for (let i = 0; i < count; i++) {
    const at = i * from;
    if (to <= 2) {
      out[i * to] = from <= 2 ? pixels[at] : red * pixels[at] + green * pixels[at + 1] + blue * pixels[at + 2];
      if (to === 2) out[i * to + 1] = from === 4 ? pixels[at + 3] : valueRange;
    } else {
      for (let c = 0; c < 3; c++) out[i * to + c] = pixels[at + (from <= 2 ? 0 : c)];
      if (to === 4) out[i * to + 3] = from === 2 ? pixels[at + 1] : valueRange;
    }
  }
  return out;
}
