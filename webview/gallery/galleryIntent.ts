import type { SortKey } from '../kernels/kernelOrder';
import type { Field } from '../run/fields';

/** What the person set up in the gallery: all that survives when the page goes. */
export interface GalleryIntent {
  field: Field;
  sort: SortKey;
}

export const INITIAL_GALLERY: GalleryIntent = { field: 'weight', sort: 'index' };
