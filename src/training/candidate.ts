const FRAMEWORKS = /\b(keras|tensorflow|torch)\b/;

const SCRIPTS = new Set(['javascript', 'typescript', 'javascriptreact', 'typescriptreact', 'html']);
const TFJS = /@tensorflow\/tfjs|\btf[lc]?\s*\.\s*(layers|sequential|model)\b/;

/** A program that works with a model which another file makes: it imports something and calls what models have. */
const USES_MODEL = /\.(compile|fit|fit_generator|fitDataset|train_on_batch|trainOnBatch|summary|parameters|state_dict)\s*\(/;
const PYTHON_IMPORT = /^[ \t]*(?:from[ \t]+[.\w]+[ \t]+)?import\b/m;
const SCRIPT_IMPORT = /\b(?:from|require\s*\(|import\s*\(?)\s*['"]\.{1,2}\//;

/** Sources larger than this are data, not models. */
export const MAX_SOURCE_CHARACTERS = 4_000_000;

/**
 * Whether a text can define a model at all. Cheap, so that the parser is loaded only for files that may have one.
 * @param languageId VS Code's language of the document.
 */
export function mayDefineModel(languageId: string, text: string): boolean {
  if (text.length > MAX_SOURCE_CHARACTERS) return false;
  if (languageId === 'python') return FRAMEWORKS.test(text) || (USES_MODEL.test(text) && PYTHON_IMPORT.test(text));
  if (languageId === 'json' || languageId === 'jsonc') return text.includes('"class_name"') || text.includes('"modelTopology"');
  return SCRIPTS.has(languageId) && (TFJS.test(text) || (USES_MODEL.test(text) && SCRIPT_IMPORT.test(text)));
}
