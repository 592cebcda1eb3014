/**
 * NumPy's own format (version 1.0): little-endian floats in C order.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(values: Float32Array | Float64Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const size = values.BYTES_PER_ELEMENT;
  const description = `{'descr': '<f${size}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // Magic, version and length take 10 bytes; with the header they are to be a multiple of 64.
  const length = Math.ceil((10 + description.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + values.length * size);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(`${description.padEnd(length - 11)}\n`), 10);
  if (size === 4) values.forEach((v, i) => view.setFloat32(length + i * 4, v, true));
  else values.forEach((v, i) => view.setFloat64(length + i * 8, v, true));
  return bytes;
}
