import { makeApplication } from '../keras/applications/makeApplication';
import type { FunctionalModel } from '../keras/model';
import type { KerasSession } from '../keras/session';
import { float, int, list, stringOf, type Arguments, type Value } from '../python/value';

/** MobileNet as TF.js's own site serves it: width and image size stand in its address. */
const MOBILE_NET = /mobilenet_v1_(\d(?:\.\d+)?)_(\d{2,3})\b/;

/** `tf.loadLayersModel(url)` of a network that everybody knows; undefined for all others. */
export function loadKnownModel(session: KerasSession, args: Arguments): FunctionalModel | undefined {
  const found = MOBILE_NET.exec(stringOf(args.positional[0]) ?? '');
  if (!found) return undefined;
  const size = int(Number(found[2]));
  const keywords = new Map<string, Value>([
    ['alpha', float(Number(found[1]))],
    ['input_shape', list([size, size, int(3)])],
  ]);
  return makeApplication(session, 'MobileNet', { ...args, positional: [], keywords }, session.machine);
}
