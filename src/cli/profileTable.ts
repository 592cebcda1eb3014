import { measuredMs, type StepProfile } from '../common/stepProfile';

/** A step's time by layer, as text for the terminal. */
export function profileTable(profile: StepProfile): string {
  const { layers, update, step, isPlanned } = profile;
  const total = measuredMs(profile);
  const width = Math.max(10, ...layers.map((l) => l.layer.length));
  const line = (name: string, ...cells: string[]): string => name.padEnd(width) + cells.map((c) => c.padStart(11)).join('');
  const share = (ms: number): string => `${((100 * ms) / total).toFixed(1)} %`;
  return [
    line('layer', 'forward', 'backward', 'share'),
    ...layers.map(({ layer, forward, backward }) =>
      line(layer, `${forward.toFixed(3)} ms`, `${backward.toFixed(3)} ms`, share(forward + backward)),
    ),
    line('optimizer', '', `${update.toFixed(3)} ms`, share(update)),
    `${total.toFixed(2)} ms kernel by kernel; a step takes ${step.toFixed(2)} ms ${isPlanned ? 'as one planned program, in which layers overlap' : 'call by call'}`,
  ].join('\n');
}
