import type { Random } from '../../common/random';
import { addPolygon, addStroke, emptyCoverage } from './coverage';
import { placed, shaken } from './curve';
import { addNoise, gradientScene, paint, strayStroke, type Colour, type SubjectScene } from './scene';
import { shapeOutlines } from './shapeOutlines';

/**
 * Draws a shape, filled or as an outline, turned, stretched and moved, in random colours of limited contrast, over a
 * colour gradient with stray strokes behind, sometimes a bar in front, and noise: colour, place and brightness alone tell nothing.
 */
export function drawShape(kind: number, height: number, width: number, random: Random): SubjectScene {
  const size = Math.min(height, width);
  const paper = randomColour(random);
  const ink = contrasting(paper, random.next() < 0.85, random);
  const far = paper.map((v) => v + random.uniform(-0.2, 0.2));
  const scene = gradientScene(width, height, paper, far, random.uniform(-0.15, 0.15), random);
  for (let n = random.integer(4); n > 0; n--)
    paint(
      scene,
      strayStroke(width, height, 0.5, random.uniform(0.012, 0.035) * size, random),
      randomColour(random),
      random.uniform(0.4, 1),
    );

  const radius = random.uniform(0.24, 0.4) * size;
  const room = Math.max(0, size / 2 - 0.85 * radius);
  const outline = placed(shaken(shapeOutlines[kind].points, 0.02, random), {
    angle: random.uniform(-0.6, 0.6),
    slant: random.uniform(-0.15, 0.15),
    scaleX: radius * random.uniform(0.85, 1.15),
    scaleY: radius,
    x: width / 2 + random.uniform(-room, room),
    y: height / 2 + random.uniform(-room, room),
  });
  const shape = emptyCoverage(width, height);
  if (random.next() < 0.75) addPolygon(shape, outline);
  else addStroke(shape, [...outline, outline[0], outline[1]], Math.max(0.6, random.uniform(0.022, 0.04) * size));
  paint(scene, shape, ink, 1);
  if (random.next() < 0.25) {
    const bar = strayStroke(width, height, 0.9, random.uniform(0.015, 0.03) * size, random);
    paint(scene, bar, randomColour(random), 1);
    bar.values.forEach((hidden, i) => (shape.values[i] *= 1 - hidden));
  }
  addNoise(scene, random.uniform(0.01, 0.06), random);
  return { ...scene, subject: shape };
}

function randomColour(random: Random): Colour {
  return [random.uniform(0.05, 0.95), random.uniform(0.05, 0.95), random.uniform(0.05, 0.95)];
}

/** A colour whose brightness differs enough to be seen in grey, too; brighter than `paper` if it can be and is asked for. */
function contrasting(paper: Colour, isBrighter: boolean, random: Random): Colour {
  for (let tries = 0; ; tries++) {
    const colour = randomColour(random);
    const difference = luma(colour) - luma(paper);
    if (Math.abs(difference) > 0.22 && (difference > 0 === isBrighter || tries > 20)) return colour;
  }
}

function luma([r, g, b]: Colour): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}
