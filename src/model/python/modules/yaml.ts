import type { JsonObject, JsonValue } from '../../../common/json';

interface Line {
  indent: number;
  text: string;
}

/**
 * The settings in a YAML text, of the kind that experiments have: mappings and lists by indentation or in brackets, scalars, comments.
 * @throws Error on anything else (anchors, tags, several documents, texts over several lines)
 */
export function parseYaml(text: string): JsonValue {
  const lines = text
    .split(/\r?\n/)
    .map((raw): Line => {
      const plain = withoutComment(raw).trimEnd();
      return { indent: plain.length - plain.trimStart().length, text: plain.trimStart() };
    })
    .filter((l) => l.text !== '' && l.text !== '---');
  const state = { at: 0 };
  const value = lines.length === 0 ? null : block(lines, state, lines[0].indent);
  if (state.at < lines.length) throw new Error('the indentation is not that of YAML');
  return value;
}

function withoutComment(line: string): string {
  const match = /^((?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*'|(?<=\S)#)*?)(?:(?:^|\s)#.*)?$/.exec(line);
  return match ? match[1] : line;
}

const ENTRY = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s:#"'][^:#]*?)\s*:(?:\s+(.*))?$/;

function block(lines: Line[], state: { at: number }, indent: number): JsonValue {
  return /^-(\s|$)/.test(lines[state.at].text) ? sequence(lines, state, indent) : mapping(lines, state, indent);
}

/** What follows on deeper lines; null when there is nothing. */
function inner(lines: Line[], state: { at: number }, indent: number): JsonValue {
  const next = lines.at(state.at);
  if (!next || state.at >= lines.length || next.indent < indent) return null;
  // A list may stand right under its key.
  return next.indent > indent || /^-(\s|$)/.test(next.text) ? block(lines, state, next.indent) : null;
}

function sequence(lines: Line[], state: { at: number }, indent: number): JsonValue[] {
  const items: JsonValue[] = [];
  while (state.at < lines.length && lines[state.at].indent === indent && /^-(\s|$)/.test(lines[state.at].text)) {
    const rest = lines[state.at].text.slice(1).trimStart();
    if (rest === '') {
      state.at++;
      items.push(inner(lines, state, indent + 1));
    } else if (ENTRY.test(rest) && !/^[[{"']/.test(rest)) {
      const own = indent + lines[state.at].text.length - rest.length;
      lines[state.at] = { indent: own, text: rest };
      items.push(mapping(lines, state, own));
    } else {
      state.at++;
      items.push(flow(rest));
    }
  }
  return items;
}

function mapping(lines: Line[], state: { at: number }, indent: number): JsonObject {
  const result: JsonObject = {};
  while (state.at < lines.length && lines[state.at].indent === indent) {
    const match = ENTRY.exec(lines[state.at].text);
    if (!match) throw new Error('this line is no entry of a mapping');
    state.at++;
    const key = String(scalar(match[1]));
    result[key] = match[2] ? flow(match[2].trim()) : inner(lines, state, indent);
  }
  return result;
}

/** A value on one line: a scalar, or a list or mapping in brackets. */
function flow(text: string): JsonValue {
  if (/^[&*!|>%@`]/.test(text)) throw new Error('this kind of YAML is not read');
  const open = text[0];
  if (open !== '[' && open !== '{') return scalar(text);
  const close = open === '[' ? ']' : '}';
  if (text.at(-1) !== close) throw new Error('a bracket is not closed on its line');
  const parts = split(text.slice(1, -1));
  if (open === '[') return parts.map(flow);
  return Object.fromEntries(
    parts.map((p): [string, JsonValue] => {
      const match = ENTRY.exec(p);
      if (!match) throw new Error('this is no entry of a mapping');
      return [String(scalar(match[1])), match[2] ? flow(match[2].trim()) : null];
    }),
  );
}

/** The parts between commas that are inside of no further bracket or text. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') depth--;
    else if ((c === ',' && depth === 0) || i === text.length) {
      const part = text.slice(from, i).trim();
      if (part !== '') parts.push(part);
      from = i + 1;
    }
  }
  return parts;
}

/** YAML as PyYAML reads it: `1e-3` without a point is a text there. */
function scalar(text: string): JsonValue {
  if (/^".*"$/.test(text)) return JSON.parse(text) as string;
  if (/^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (/^(null|Null|NULL|~)$/.test(text)) return null;
  if (/^(true|True|TRUE|yes|Yes|on|On)$/.test(text)) return true;
  if (/^(false|False|FALSE|no|No|off|Off)$/.test(text)) return false;
  if (/^[-+]?(0|[1-9][\d_]*)$/.test(text)) return Number(text.replaceAll('_', ''));
  if (/^[-+]?(\d[\d_]*)?\.\d*([eE][-+]\d+)?$/.test(text) && /\d/.test(text)) return Number(text.replaceAll('_', ''));
  return text;
}
