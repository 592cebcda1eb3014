import type { DataSpec } from '../../common/dataSpec';

/** What a program loads: the source object that arrays carry along (`ArrayOrigin.source`). */
export class DataOrigin {
  constructor(
    readonly spec: Omit<DataSpec, 'preprocessing'>,
    /** Number of classes; null when the program does not tell. */
    readonly classCount: number | null,
  ) {}
}
