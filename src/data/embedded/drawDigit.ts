import type { Random } from '../../common/random';
import { addStroke, emptyCoverage } from './coverage';
import { placed, shaken, smoothLine } from './curve';
import { digitGlyphs } from './digitGlyphs';
import { addNoise, gradientScene, paint, strayStroke, type SubjectScene } from './scene';

/**
 * Draws a digit as a hand might: one of its glyphs, shaken, slanted, turned, stretched and moved, with a pen of random width and
 * contrast, over a gradient with stray strokes and noise; sometimes dark on bright.
 */
export function drawDigit(digit: number, height: number, width: number, random: Random): SubjectScene {
  const size = Math.min(height, width);
  const glyphs = digitGlyphs[digit];
  const glyph = glyphs[random.integer(glyphs.length)];
  const stretch = random.uniform(0.58, 0.82) * size;
  const placement = {
    angle: 0.14 * Math.max(-2, Math.min(2, random.normal())),
    slant: random.uniform(-0.15, 0.35),
    scaleX: stretch * random.uniform(0.75, 1.15),
    scaleY: stretch,
    x: width / 2 + 0.06 * size * Math.max(-2, Math.min(2, random.normal())),
    y: height / 2 + 0.05 * size * Math.max(-2, Math.min(2, random.normal())),
  };
  const dark = random.uniform(0, 0.25);
  const bright = dark + random.uniform(0.4, 0.75);
  const isInverted = random.next() < 0.1;
  const [paper, ink] = isInverted ? [bright, dark] : [dark, bright];
  const scene = gradientScene(width, height, [paper], [paper + random.uniform(-0.2, 0.2)], random.uniform(-0.15, 0.15), random);
  for (let n = random.integer(3); n > 0; n--) {
    const grey = paper + (ink - paper) * random.uniform(0.3, 0.7);
    paint(scene, strayStroke(width, height, 0.35, random.uniform(0.02, 0.035) * size, random), [grey], 1);
  }
  const pen = random.uniform(0.03, 0.065) * size;
  const shape = emptyCoverage(width, height);
  for (const stroke of glyph) {
    const points = shaken(stroke.points, 0.03, random);
    addStroke(shape, placed(stroke.round ? smoothLine(points, 5) : points, placement), pen);
  }
  paint(scene, shape, [ink], 1);
  addNoise(scene, random.uniform(0.01, 0.08), random);
  return { ...scene, subject: shape };
}
