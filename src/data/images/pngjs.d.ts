/** The part of pngjs that is used; the package brings no types. */
declare module 'pngjs' {
  export class PNG {
    constructor(options?: {
      width?: number;
      height?: number;
      colorType?: number;
      inputColorType?: number;
      bitDepth?: number;
      inputHasAlpha?: boolean;
    });
    width: number;
    height: number;
    /** RGBA bytes. */
    data: Buffer;
    static sync: {
      read(bytes: Buffer): PNG;
      write(png: PNG, options?: { colorType?: number; inputColorType?: number; bitDepth?: number; inputHasAlpha?: boolean }): Buffer;
    };
  }
}
