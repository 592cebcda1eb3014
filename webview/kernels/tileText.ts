import type { AtlasHit } from '../../src/common/atlasLayout';
import { statistics } from '../../src/common/stats';
import type { TooltipText } from './tooltip';
import { FIELD_LABELS, type Field } from '../run/fields';
import type { WeightView } from '../run/layerView';
import { formatNumber, formatSigned } from '../ui/format';

/** The numbers of what is pointed at: one weight in all its fields, or a whole tile. */
export function describeTile(what: {
  view: WeightView;
  hit: AtlasHit;
  field: Field;
  /** The tile's values of the field that is shown. */
  tile: Float32Array;
  /** The pointed weight's value of a field; null where there is none. */
  at(field: Field): number | null;
}): TooltipText {
  const { view, hit, field, tile, at } = what;
  const rows: [string, string][] = [];
  if (hit.offset !== null) {
    for (const f of Object.keys(FIELD_LABELS) as Field[]) {
      const value = at(f);
      if (value !== null) rows.push([FIELD_LABELS[f].toLowerCase(), formatSigned(value)]);
    }
  }
  if (hit.offset === null || view.item === 'kernel') {
    const { norm, min, max, mean } = statistics(tile);
    rows.push(
      ['L2 norm', formatNumber(norm, 3)],
      ['range', `${formatSigned(min, 3)} … ${formatSigned(max, 3)}`],
      ['mean', formatSigned(mean, 3)],
    );
  }
  return {
    title: `${view.item} ${hit.filter}${placeText(view, hit)}${hit.offset === null ? `, ${FIELD_LABELS[field].toLowerCase()}` : ''}`,
    rows,
  };
}

function placeText(view: WeightView, hit: AtlasHit): string {
  if (hit.y !== null && hit.x !== null) {
    const channels = view.kind === 'depthwise' ? 1 : view.shape[view.shape.length - (view.kind === 'transpose' ? 1 : 2)];
    const channel = channels > 1 && hit.channel !== null ? `, channel ${hit.channel}` : '';
    return ` · row ${hit.y}, column ${hit.x}${channel}`;
  }
  return hit.x !== null ? ` · input ${hit.x}` : '';
}
