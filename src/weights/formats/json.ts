import type { JsonObject } from '../../common/json';
import { parseJsonValue } from '../boundedJson';
import type { ByteSource } from '../byteSource';
import type { FoundFile, OpenContext } from '../formatReader';
import { WeightError } from '../weightError';
import { looksLikeShardIndex, readSharded } from './sharded';
import { looksLikeTfjs, readTfjs } from './tfjs';

const MAX_BYTES = 256 * 1024 * 1024;

/** An object or array, behind white space and a byte order mark at most. */
export function looksLikeJson(head: Uint8Array): boolean {
  return /^\uFEFF?\s*[[{]/.test(new TextDecoder('utf-8', { ignoreBOM: true }).decode(head.subarray(0, 256)));
}

/** Weight files that are JSON: TF.js models and indexes of shards. */
export async function readJsonFormat(context: OpenContext, read: (source: ByteSource) => Promise<FoundFile>): Promise<FoundFile> {
  const { source } = context;
  if (source.size > MAX_BYTES)
    throw new WeightError(`the file is JSON of ${source.size} bytes`, 'give a model.json, whose weights lie in files of their own');
  const value = parseJsonValue(source.read(0, source.size), 'the file');
  if (looksLikeTfjs(value)) return readTfjs(value, context);
  if (looksLikeShardIndex(value)) return readSharded(value as JsonObject, context, read);
  throw new WeightError('the JSON names no weights (weightsManifest or weight_map)', 'give a model.json of TensorFlow.js or a weight file');
}
