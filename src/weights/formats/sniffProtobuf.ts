import type { ByteSource } from '../byteSource';
import { Message } from '../protobuf';

/** Top-level fields looked at before a file is judged. */
const ENOUGH = 2000;

/** Which of the formats made of one protobuf message a file is, by the fields it has; null when it is none. */
export function sniffProtobuf(source: ByteSource): 'onnx' | 'caffe' | 'savedmodel' | 'graphdef' | null {
  const wires = new Map<number, number>();
  let seen = 0;
  try {
    for (const f of new Message(source).fields()) {
      if (f.number > 1000 || (wires.has(f.number) && f.number !== 4 && wires.get(f.number) !== f.wire)) return null;
      wires.set(f.number, f.wire);
      if (++seen === ENOUGH) break;
    }
  } catch {
    // Cut off: what came before still tells.
    if (seen === 0) return null;
  }
  const only = (...numbers: number[]): boolean => [...wires.keys()].every((n) => numbers.includes(n));
  if (wires.get(100) === 2 && only(1, 2, 3, 4, 5, 6, 7, 8, 100)) return 'caffe';
  if (wires.get(1) === 0 && wires.get(2) === 2 && only(1, 2)) return 'savedmodel';
  if (wires.get(1) !== 2 && wires.get(7) === 2 && only(1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26)) return 'onnx';
  if (wires.get(1) === 2 && wires.get(2) === 2 && only(1, 2, 3, 4, 5, 6, 7, 8)) return firstIsText(source) ? 'caffe' : 'graphdef';
  if (wires.get(1) === 2 && only(1, 2, 3, 4)) return 'graphdef';
  return null;
}

/** NetParameter begins with the net's name, GraphDef with a node, which begins with its own name. */
function firstIsText(source: ByteSource): boolean {
  for (const f of new Message(source).fields()) {
    if (f.number !== 1) return true;
    const head = source.read(f.start, Math.min(64, f.end - f.start));
    return head.every((b) => b >= 0x20);
  }
  return false;
}
