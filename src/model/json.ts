import type { JsonObject, JsonValue } from '../common/json';

/**
 * Parses JSON, with or without a byte order mark.
 * @throws Error with the parser's message
 */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text.replace(/^\uFEFF/, '')) as JsonValue;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
