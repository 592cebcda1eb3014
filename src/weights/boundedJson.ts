import type { JsonObject } from '../common/json';
import { damaged } from './weightError';

/** Nesting beyond this is an attack: JSON.parse itself would survive, what walks its result might not. */
const MAX_DEPTH = 512;
/** Of a header over half a million tensors; values beyond fill memory rather than mean anything. */
const MAX_CONTAINERS = 2_000_000;
const MAX_COMMAS = 16_000_000;

/**
 * Parses a JSON object.
 * @param what Named in the error, such as `the header at byte 8`.
 * @throws WeightError when it is none.
 */
export function parseJson(bytes: Uint8Array, what: string): JsonObject {
  const value = parseJsonValue(bytes, what);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) damaged(`${what} is no JSON object`);
  return value as JsonObject;
}

/**
 * Parses any JSON.
 * @throws WeightError when it is none.
 */
export function parseJsonValue(bytes: Uint8Array, what: string): unknown {
  let [depth, containers, commas] = [0, 0, 0];
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x2c) commas++;
    else if (c === 0x7d || c === 0x5d) depth--;
    else if (c === 0x7b || c === 0x5b) {
      containers++;
      if (++depth > MAX_DEPTH) damaged(`${what} is JSON nested more than ${MAX_DEPTH} deep`);
    }
  }
  if (containers > MAX_CONTAINERS || commas > MAX_COMMAS)
    damaged(`${what} is JSON of ${containers} lists and objects with ${commas} commas, more than a weight file has`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return damaged(`${what} is no valid JSON (${(error as Error).message.replace(/\s+/g, ' ').slice(0, 120)})`);
  }
}
