/** Text from a file, safe to print: control characters become �, and what is too long loses its middle. */
export function printable(text: string, longest: number): string {
  const cut = text.length <= longest ? text : `${text.slice(0, Math.ceil(longest * 0.6))}…${text.slice(-Math.floor(longest * 0.4))}`;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]+/g, '\ufffd');
}
