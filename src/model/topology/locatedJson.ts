import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { JsonValue } from '../../common/json';
import type { SourceRange } from '../../common/modelSpec';
import { LineMap } from '../python/lineMap';

/** One value of a JSON text, with its place in the text. */
export class LocatedJson {
  private constructor(
    private readonly node: Node,
    private readonly lines: LineMap,
  ) {}

  /**
   * Parses a JSON text; a byte order mark counts as a column, as it does in editors' offsets.
   * @throws JsonSyntaxError
   */
  static parse(text: string): LocatedJson {
    const errors: ParseError[] = [];
    const lines = new LineMap(text);
    const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first || !root) {
      const offset = first?.offset ?? 0;
      const what = first ? printParseErrorCode(first.error).replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`) : ' no value';
      throw new JsonSyntaxError(what.trim(), lines.range(offset, offset + (first?.length ?? 0)));
    }
    return new LocatedJson(root, lines);
  }

  /** The plain value. */
  get value(): JsonValue {
    return getNodeValue(this.node) as JsonValue;
  }

  get range(): SourceRange {
    return this.lines.range(this.node.offset, this.node.offset + this.node.length);
  }

  /** A member or item below; undefined when there is none. */
  at(...path: (string | number)[]): LocatedJson | undefined {
    const found = findNodeAtLocation(this.node, path);
    return found && new LocatedJson(found, this.lines);
  }

  /** The text of a string; undefined for anything else. */
  get text(): string | undefined {
    return this.node.type === 'string' ? (this.node.value as string) : undefined;
  }

  get isObject(): boolean {
    return this.node.type === 'object';
  }

  /** The items of an array; undefined for anything else. */
  get items(): LocatedJson[] | undefined {
    return this.node.type === 'array' ? (this.node.children ?? []).map((c) => new LocatedJson(c, this.lines)) : undefined;
  }
}

/** The text is not JSON. */
export class JsonSyntaxError extends Error {
  constructor(
    message: string,
    readonly range: SourceRange,
  ) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}
