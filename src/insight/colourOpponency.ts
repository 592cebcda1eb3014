import type { ColourOpponency } from '../common/kernelAnalysis';
import { betaTail } from './betaTail';

/**
 * Splits a kernel's energy into luminance (1, 1, 1)/√3 and the opponent axes red–green (1, −1, 0)/√2 and blue–yellow (1, 1, −2)/√6.
 * @param w positions × 3 values, channels innermost
 * @returns null for a kernel of zeros
 */
export function colourOpponency(w: ArrayLike<number>): ColourOpponency | null {
  let [grey, redGreen, blueYellow] = [0, 0, 0];
  for (let i = 0; i < w.length; i += 3) {
    const [r, g, b] = [w[i], w[i + 1], w[i + 2]];
    grey += (r + g + b) ** 2 / 3;
    redGreen += (r - g) ** 2 / 2;
    blueYellow += (r + g - 2 * b) ** 2 / 6;
  }
  const total = grey + redGreen + blueYellow;
  if (total === 0) return null;
  const share = (redGreen + blueYellow) / total;
  const positions = w.length / 3;
  // Of 3 n isotropic directions 2 n are opponent.
  return { share, chance: betaTail(positions, positions / 2, share), axis: redGreen >= blueYellow ? 'red–green' : 'blue–yellow' };
}
