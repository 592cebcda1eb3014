const FRAMEWORKS = /\b(keras|tensorflow|torch)\b/;

const SCRIPTS = new Set(['javascript', 'typescript', 'javascriptreact', 'typescriptreact', 'html']);
const TFJS = /@tensorflow\/tfjs|\btf[lc]?\s*\.\s*(layers|sequential|model)\b/;

/** Sources larger than this are data, not models. */
export const MAX_SOURCE_CHARACTERS = 4_000_000;

/**
 * Whether a text can define a model at all. Cheap, so that the parser is loaded only for files that may have one.
 * @param languageId VS Code's language of the document.
 */
export function mayDefineModel(languageId: string, text: string): boolean {
  if (text.length > MAX_SOURCE_CHARACTERS) return false;
  if (languageId === 'python') return FRAMEWORKS.test(text);
  if (languageId === 'json' || languageId === 'jsonc') return text.includes('"class_name"') || text.includes('"modelTopology"');
  return SCRIPTS.has(languageId) && TFJS.test(text);
}
