import type { KnockOut } from '../../src/common/probeProtocol';
import { element, replaceChildren } from '../ui/dom';
import { formatCount, formatNumber, formatP, formatPlural } from '../ui/format';
import { SPLIT_WORDS } from './stepWords';

/** Two networks on the same images: how often each is right, with the interval. */
export function drawAccuracies(table: HTMLElement, { images, split, step, ...found }: KnockOut, [before, after]: [string, string]): void {
  const percent = (share: number) => `${(share * 100).toFixed(1)}\u00a0%`;
  const row = (tag: 'th' | 'td', ...cells: string[]) =>
    element(
      'tr',
      {},
      ...cells.map((text, i) =>
        element(i === 0 ? 'th' : tag, { text, attributes: { scope: tag === 'th' ? 'col' : i === 0 ? 'row' : null } }),
      ),
    );
  replaceChildren(
    table,
    row('th', `${formatCount(images)} ${SPLIT_WORDS[split].split(',')[0]}, step ${formatCount(step)}`, 'right', '95 % interval', 'loss'),
    ...[
      { name: before, r: found.with },
      { name: after, r: found.without },
    ].map(({ name, r }) => row('td', name, percent(r.accuracy), `${percent(r.low)} … ${percent(r.high)}`, formatNumber(r.loss, 4))),
  );
}

/** `12 images that were right turn wrong and 1 image that was wrong turns right; chance alone …` */
export function changeWords({ lost, gained, pValue, images }: KnockOut): string {
  if (lost + gained === 0) return `not one of ${formatCount(images)} answers changes between right and wrong.`;
  const verdict =
    pValue >= 0.05
      ? `chance alone would often do as much (${formatP(pValue)}): from ${formatCount(images)} images no difference can be told`
      : `chance alone would hardly do as much (${formatP(pValue)})`;
  const turning = (n: number, from: string, to: string) =>
    `${formatPlural(n, 'image')} that ${n === 1 ? 'was' : 'were'} ${from} ${n === 1 ? 'turns' : 'turn'} ${to}`;
  return `${turning(lost, 'right', 'wrong')} and ${turning(gained, 'wrong', 'right')}; ${verdict}.`;
}
