import * as fs from 'node:fs';
import createDecoder, { type MozJPEGModule } from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import { decode as decodeInJs } from 'jpeg-js';
import { assetPath } from '../../base/assets';
import type { DecodedImage } from './decodedImage';

/** Larger pictures are refused rather than allowed to eat the memory. */
const maxMegapixels = 100;

let decoder: Promise<MozJPEGModule> | null = null;
let warnings: string[] = [];

/**
 * Decodes a JPEG with libjpeg (the decoder behind Pillow, so the pixels are those Keras sees); CMYK, which it does not convert,
 * with jpeg-js. The EXIF orientation is ignored, as Keras ignores it.
 * @throws Error when the data is broken or cut off.
 */
export async function decodeJpeg(bytes: Uint8Array): Promise<DecodedImage> {
  if (jpegComponents(bytes) === 4) return decodeCmyk(bytes);
  decoder ??= createModule();
  const module = await decoder;
  warnings = [];
  let image: ImageData | null;
  try {
    image = module.decode(bytes as Uint8Array<ArrayBuffer>, false);
  } catch {
    // libjpeg ended through exit(): what it had allocated is lost with this instance.
    decoder = null;
    throw new Error(warnings.at(-1) ?? 'the JPEG data is damaged');
  }
  if (!image) throw new Error(warnings.at(-1) ?? 'the JPEG data is damaged');
  if (warnings.some((w) => /premature end of jpeg file/i.test(w))) throw new Error('the file is cut off');
  return { width: image.width, height: image.height, channels: 4, pixels: image.data };
}

function createModule(): Promise<MozJPEGModule> {
  // The decoder makes an ImageData, which Node does not have.
  const scope = globalThis as { ImageData?: unknown };
  scope.ImageData ??= class {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  };
  const wasm = fs.readFileSync(assetPath('mozjpeg_dec.wasm'));
  return createDecoder({
    noInitialRun: true,
    wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer,
    printErr: (text: string) => warnings.push(text),
  });
}

function decodeCmyk(bytes: Uint8Array): DecodedImage {
  const image = decodeInJs(bytes, { useTArray: true, maxResolutionInMP: maxMegapixels });
  return { width: image.width, height: image.height, channels: 4, pixels: image.data };
}

/** Number of colour components in the frame header, or null if there is no frame header. Walks the marker segments only. */
export function jpegComponents(bytes: Uint8Array): number | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return bytes[at + 9];
    if (marker === 0xda) return null;
    at += 2 + bytes[at + 2] * 256 + bytes[at + 3];
  }
  return null;
}
