import type { WeightSpec } from '../../src/common/modelSpec';
import { describeInitializer, distributionOf, initializerName, type Distribution } from '../../src/insight/initializers';
import { formatNumber } from '../ui/format';

/** The distribution a weight starts from; null when its initialiser is not known here. */
export function startDistribution(weight: WeightSpec): Distribution | null {
  try {
    return distributionOf(weight);
  } catch {
    return null;
  }
}

/** `GlorotUniform in ±0.1421`, `Zeros`, … */
export function initializerText(weight: WeightSpec): string {
  const name = initializerName(weight);
  const law = startDistribution(weight);
  if (law?.kind === 'uniform') {
    return law.low === -law.high
      ? `${name} in ±${formatNumber(law.high)}`
      : `${name} from ${formatNumber(law.low)} to ${formatNumber(law.high)}`;
  }
  if (law?.kind === 'normal' || law?.kind === 'truncated-normal') {
    return `${name} with standard deviation ${formatNumber(law.std)}${law.mean ? ` around ${formatNumber(law.mean)}` : ''}`;
  }
  return law?.kind === 'constant' && name === 'Constant' ? `Constant ${formatNumber(law.value)}` : name;
}

/** Density and formula of the initialiser; null where it has none to show. */
export function startDensity(weight: WeightSpec): { density(x: number): number; substituted: string } | null {
  const law = startDistribution(weight);
  if (!law || !['uniform', 'normal', 'truncated-normal'].includes(law.kind)) return null;
  return describeInitializer(weight);
}
