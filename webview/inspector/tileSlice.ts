import { kernelGeometry } from '../../src/common/kernelGeometry';
import type { WeightView } from '../run/layerView';

/** Numbers on one page of a dense unit's inputs. */
const PAGE = 64;
const PAGE_COLUMNS = 8;

/** One tile as pages of a table: a kernel's channels, or a dense unit's inputs, 64 at a time. */
export interface TilePages {
  /** `channel` or `inputs`. */
  what: 'channel' | 'inputs';
  count: number;
  columns: number;
  /** Places (row by row, channels innermost) on a page. */
  places(page: number): number[];
  pageOf(place: number): number;
  nameOf(place: number): string;
  pageName(page: number): string;
}

export function tilePages(view: WeightView, length: number): TilePages {
  const geometry = kernelGeometry(view.shape, view.kind);
  if (geometry) {
    const { kh, kw, cin } = geometry;
    return {
      what: 'channel',
      count: cin,
      columns: kw,
      places: (page) => Array.from({ length: kh * kw }, (_, i) => i * cin + page),
      pageOf: (place) => place % cin,
      nameOf: (place) => {
        const at = Math.floor(place / cin);
        return `row ${Math.floor(at / kw)}, column ${at % kw}${cin > 1 ? `, channel ${place % cin}` : ''}`;
      },
      pageName: (page) => `channel ${page} of ${cin}`,
    };
  }
  return {
    what: 'inputs',
    count: Math.ceil(length / PAGE),
    columns: Math.min(PAGE_COLUMNS, length),
    places: (page) => Array.from({ length: Math.min(PAGE, length - page * PAGE) }, (_, i) => page * PAGE + i),
    pageOf: (place) => Math.floor(place / PAGE),
    nameOf: (place) => (length > 1 ? `input ${place}` : 'value'),
    pageName: (page) => `inputs ${page * PAGE} to ${Math.min(length, (page + 1) * PAGE) - 1} of ${length}`,
  };
}
