import { Language, Parser, type TreeCursor } from 'web-tree-sitter';
import { assetPath } from '../../base/assets';

/** One node of the concrete syntax tree, copied out of the parser's memory. Indices are UTF-16 offsets. */
export interface SyntaxNode {
  type: string;
  field: string | null;
  isNamed: boolean;
  isMissing: boolean;
  start: number;
  end: number;
  children: SyntaxNode[];
}

let loading: Promise<Parser> | null = null;

async function load(): Promise<Parser> {
  await Parser.init({ locateFile: () => assetPath('web-tree-sitter.wasm') });
  const language = await Language.load(assetPath('tree-sitter-python.wasm'));
  const parser = new Parser();
  parser.setLanguage(language);
  return parser;
}

/**
 * Parses Python 2 or 3. Text that is not Python gives `ERROR` nodes, never an exception.
 * @throws Error when the parser's wasm files are missing.
 */
export async function parseSyntax(text: string): Promise<SyntaxNode> {
  loading ??= load();
  const parser = await loading.catch((error: unknown) => {
    loading = null;
    throw error;
  });
  const tree = parser.parse(text);
  if (!tree) throw new Error('the Python parser gave no answer');
  try {
    const cursor = tree.walk();
    try {
      return copy(cursor);
    } finally {
      cursor.delete();
    }
  } finally {
    tree.delete();
  }
}

function copy(cursor: TreeCursor): SyntaxNode {
  const node: SyntaxNode = {
    type: cursor.nodeType,
    field: cursor.currentFieldName,
    isNamed: cursor.nodeIsNamed,
    isMissing: cursor.nodeIsMissing,
    start: cursor.startIndex,
    end: cursor.endIndex,
    children: [],
  };
  if (cursor.gotoFirstChild()) {
    do node.children.push(copy(cursor));
    while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return node;
}
