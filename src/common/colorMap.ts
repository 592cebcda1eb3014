/**
 * The one colour map for signed values: zero-centred and symmetric, blue for negative, orange for positive.
 *
 * Derivation: each arm is a curve in OKLab (Ottosson 2020, https://bottosson.github.io/posts/oklab/). Lightness is a straight line in
 * |value| and the same on both arms, so size can be read without any colour vision; sign is carried by hue along the blue–yellow axis,
 * which protanopes and deuteranopes keep (and, blue against orange, tritanopes tell apart as well). Zero is a pure grey close to the
 * background of the theme, so weights that are nothing look like nothing. Chroma is cut where sRGB ends, hue is not.
 */
export type ColorTheme = 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';

/** Entry of the table that holds zero; entries 0 … 510 run from −scale to +scale. */
export const ZERO_INDEX = 255;
/** Entry for values that are not numbers: magenta, a colour that the map itself never takes. */
export const NAN_INDEX = 511;
const ENTRIES = 512;

export interface SignedColorMap {
  theme: ColorTheme;
  /** 512 × RGBA bytes. */
  bytes: Uint8ClampedArray;
  /** The same entries as 32-bit words in this machine's byte order, for writing whole pixels. */
  words: Uint32Array;
}

/** OKLab lightness at zero and at the ends, hue in degrees and highest chroma of the two arms. */
interface Recipe {
  zero: number;
  end: number;
  negative: { hue: number; endHue: number; chroma: number };
  positive: { hue: number; endHue: number; chroma: number };
}

const RECIPES: Record<ColorTheme, Recipe> = {
  dark: {
    zero: 0.27,
    end: 0.9,
    negative: { hue: 256, endHue: 222, chroma: 0.17 },
    positive: { hue: 46, endHue: 88, chroma: 0.17 },
  },
  light: {
    zero: 0.97,
    end: 0.36,
    negative: { hue: 238, endHue: 262, chroma: 0.16 },
    positive: { hue: 68, endHue: 42, chroma: 0.16 },
  },
  'high-contrast': {
    zero: 0.2,
    end: 0.96,
    negative: { hue: 256, endHue: 215, chroma: 0.19 },
    positive: { hue: 48, endHue: 98, chroma: 0.19 },
  },
  'high-contrast-light': {
    zero: 0.985,
    end: 0.24,
    negative: { hue: 240, endHue: 264, chroma: 0.19 },
    positive: { hue: 66, endHue: 40, chroma: 0.19 },
  },
};

const maps = new Map<ColorTheme, SignedColorMap>();

/** The map for a background; built once per theme. */
export function signedColorMap(theme: ColorTheme): SignedColorMap {
  const known = maps.get(theme);
  if (known) return known;
  const recipe = RECIPES[theme];
  const bytes = new Uint8ClampedArray(ENTRIES * 4);
  for (let i = 0; i < NAN_INDEX; i++) {
    const t = (i - ZERO_INDEX) / 255;
    bytes.set([...mapColor(recipe, t), 255], i * 4);
  }
  bytes.set([255, 0, 255, 255], NAN_INDEX * 4);
  const map = { theme, bytes, words: new Uint32Array(bytes.buffer) };
  maps.set(theme, map);
  return map;
}

/** Entry of a value under a symmetric scale; beyond ±scale it is the end's, for NaN it is NAN_INDEX, with scale 0 it is zero's. */
export function colorIndex(value: number, scale: number): number {
  return colorIndexOf(value * colorFactor(scale));
}

/** What values are multiplied with before `colorIndexOf`. */
export function colorFactor(scale: number): number {
  return scale > 0 ? ZERO_INDEX / scale : 0;
}

/** Entry of a value already multiplied with its scale's `colorFactor`: the inner loop of every frame. */
export function colorIndexOf(t: number): number {
  if (t !== t) return NAN_INDEX;
  return t >= 255 ? 510 : t <= -255 ? 0 : (t + 255.5) | 0;
}

/** [red, green, blue] of a value, each 0 … 255. */
export function signedColor(value: number, scale: number, theme: ColorTheme): [number, number, number] {
  const { bytes } = signedColorMap(theme);
  const at = colorIndex(value, scale) * 4;
  return [bytes[at], bytes[at + 1], bytes[at + 2]];
}

/** @param t −1 … 1 */
function mapColor(recipe: Recipe, t: number): [number, number, number] {
  const size = Math.abs(t);
  const arm = t < 0 ? recipe.negative : recipe.positive;
  const lightness = recipe.zero + (recipe.end - recipe.zero) * size;
  // Chroma rises quickly so that small values already show their sign, and hue drifts to where sRGB is widest at that lightness.
  const chroma = arm.chroma * (1 - (1 - size) ** 2);
  const hue = ((arm.hue + (arm.endHue - arm.hue) * size) * Math.PI) / 180;
  for (let c = chroma; ; c -= 0.002) {
    const rgb = oklabToSrgb(lightness, Math.max(c, 0) * Math.cos(hue), Math.max(c, 0) * Math.sin(hue));
    if (c <= 0 || rgb.every((v) => v >= -1e-4 && v <= 1 + 1e-4)) return rgb.map((v) => Math.round(v * 255)) as [number, number, number];
  }
}

/** OKLab to gamma-coded sRGB, 0 … 1 within the gamut. */
function oklabToSrgb(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((x) => (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055)) as [number, number, number];
}
