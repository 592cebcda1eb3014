/** A decoded picture: height × width × channels bytes. */
export interface DecodedImage {
  width: number;
  height: number;
  channels: 4;
  pixels: Uint8Array | Uint8ClampedArray;
}
