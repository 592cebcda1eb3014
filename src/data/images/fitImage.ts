import * as fs from 'node:fs/promises';
import { convertChannels } from '../colour';
import { resize, type Interpolation } from '../resize';
import { decodeImage } from './decodeImage';

/** What decoded images are brought to. */
export interface ImageTarget {
  height: number;
  width: number;
  channels: number;
  interpolation: Interpolation;
}

/**
 * Reads, decodes, resizes and colour-converts an image file into height × width × channels bytes.
 * @throws Error, in words for a person, when it cannot be read or decoded.
 */
export async function fitImage(file: string, target: ImageTarget): Promise<Uint8Array<ArrayBuffer>> {
  const image = await decodeImage(await fs.readFile(file));
  const shape = [image.height, image.width, image.channels] as const;
  const sized = resize(image.pixels, shape, [target.height, target.width], target.interpolation);
  const coloured = convertChannels(sized, image.channels, target.channels, 255);
  const bytes = new Uint8Array(coloured.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = coloured[i] + 0.5;
  return bytes;
}
