import { PNG } from 'pngjs';
import { decodeJpeg } from './decodeJpeg';
import type { DecodedImage } from './decodedImage';
import { imageKind } from './imageKind';

/**
 * Decodes a JPEG or PNG (palettes, 16 bits, grey and alpha become RGBA bytes); which of them it is its first bytes say, not its name.
 * @throws Error, in words for a person, when it is neither or is broken.
 */
export async function decodeImage(bytes: Uint8Array): Promise<DecodedImage> {
  const kind = imageKind(bytes);
  if (kind === 'jpeg') return decodeJpeg(bytes);
  if (kind !== 'png')
    throw new Error(kind ? `it is a ${kind.toUpperCase()} picture; only JPEG and PNG are read` : 'it is neither a JPEG nor a PNG');
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { width, height, channels: 4, pixels: data };
}
