/**
 * The tensor's name in a key under which TensorFlow keeps a part of a partitioned variable: a zero byte, then the name in
 * OrderedCode (tensorflow/core/lib/strings/ordered_code.cc): 00 FF stands for 00, FF 00 for FF, and 00 01 ends it.
 * @returns null when the key is none.
 */
export function sliceName(key: string): string | null {
  let name = '';
  for (let i = 1; i + 1 < key.length; i++) {
    const [a, b] = [key.charCodeAt(i), key.charCodeAt(i + 1)];
    if (a === 0 && b === 1) return Buffer.from(name, 'latin1').toString('utf8');
    if ((a === 0 && b === 0xff) || (a === 0xff && b === 0)) i++;
    else if (a === 0 || a === 0xff) return null;
    name += String.fromCharCode(a);
  }
  return null;
}
