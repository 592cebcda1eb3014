import { iterate } from '../../python/iterate';
import type { Machine } from '../../python/machine';
import { truthOf } from '../../python/truth';
import { numberOf, stringOf, type Arguments, type Value } from '../../python/value';
import { inputTensor } from '../makeInput';
import { FunctionalModel } from '../model';
import type { KerasSession } from '../session';
import type { SymbolicTensor } from '../tensor';
import { tensorsIn } from '../tensorsIn';
import type { Architecture, TopOptions } from './architecture';
import { denseNets } from './denseNet';
import { efficientNets } from './efficientNet';
import { inceptions } from './inception';
import { mobileNet, mobileNetV2 } from './mobileNet';
import { NetBuilder } from './netBuilder';
import { resnets } from './resnet';
import { vggs } from './vgg';

const FIXED: Record<string, Architecture> = { ...vggs, ...resnets, ...denseNets, ...inceptions, ...efficientNets };

const PARAMETERS = ['include_top', 'weights', 'input_tensor', 'input_shape', 'pooling', 'classes', 'classifier_activation'];
const MOBILE_V1 = 'input_shape alpha depth_multiplier dropout include_top weights input_tensor pooling classes classifier_activation'.split(
  ' ',
);
const MOBILE_V2 = 'input_shape alpha include_top weights input_tensor pooling classes classifier_activation'.split(' ');

/** A network of keras.applications; undefined when the name is none that is known here. */
export function makeApplication(session: KerasSession, name: string, args: Arguments, machine: Machine): FunctionalModel | undefined {
  const order = name === 'MobileNet' ? MOBILE_V1 : name === 'MobileNetV2' ? MOBILE_V2 : PARAMETERS;
  const get = (key: string): Value | undefined => args.keywords.get(key) ?? args.positional[order.indexOf(key)];
  const alpha = numberOf(get('alpha')) ?? 1;
  const architecture =
    name === 'MobileNet' ? mobileNet(alpha) : name === 'MobileNetV2' ? mobileNetV2(alpha) : Object.hasOwn(FIXED, name) ? FIXED[name] : null;
  if (!architecture) return undefined;
  const top = get('include_top');
  const options: TopOptions = {
    includeTop: top ? truthOf(top) !== false : true,
    classes: numberOf(get('classes')) ?? 1000,
    activation: stringOf(get('classifier_activation')) ?? 'softmax',
    pooling: stringOf(get('pooling')),
  };
  const builder = new NetBuilder(session, args.site);
  const input = inputOf(session, architecture, options, get('input_tensor'), get('input_shape'), args, machine);
  const features = architecture.body(builder, input);
  const output = options.includeTop ? architecture.top(builder, features, options) : pooled(builder, features, options.pooling);
  const weights = get('weights');
  if (!weights || (weights.kind === 'str' && weights.value === 'imagenet')) {
    session.inform(
      'pretrained-weights',
      `The ImageNet weights of ${name} are not loaded here; its layers begin at their initialisers.`,
      args.site,
    );
  }
  const model = new FunctionalModel(session, stringOf(get('name')) ?? architecture.name, args.site, sourcesOf(output), [output]);
  model.isLibrary = true;
  return model;
}

function inputOf(
  session: KerasSession,
  { size }: Architecture,
  { includeTop }: TopOptions,
  given: Value | undefined,
  shape: Value | undefined,
  args: Arguments,
  machine: Machine,
): SymbolicTensor {
  const [tensor] = given ? (tensorsIn(given, machine) ?? []) : [];
  if (tensor) return tensor;
  const sizes = shape && shape.kind !== 'none' ? iterate(shape, machine)?.map(numberOf) : null;
  const image = sizes ?? (includeTop ? [size, size, 3] : [null, null, 3]);
  return inputTensor(session, session.names.next('InputLayer'), [null, ...image], args.site);
}

function pooled(b: NetBuilder, x: SymbolicTensor, pooling: string | null): SymbolicTensor {
  if (pooling === 'avg') return b.use('GlobalAveragePooling2D', x, { name: 'avg_pool' });
  return pooling === 'max' ? b.use('GlobalMaxPooling2D', x, { name: 'max_pool' }) : x;
}

/** The inputs that a tensor depends on. */
function sourcesOf(output: SymbolicTensor): SymbolicTensor[] {
  const seen = new Set<object>();
  const found: SymbolicTensor[] = [];
  const stack = [output];
  for (let t = stack.pop(); t; t = stack.pop()) {
    if (seen.has(t.node)) continue;
    seen.add(t.node);
    if (t.node.inputs.length === 0) found.push(t);
    stack.push(...t.node.inputs);
  }
  return found;
}
