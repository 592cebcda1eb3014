import type { JsonObject } from '../../common/json';
import { UnknownSetting, toJson } from '../keras/toJson';
import { host, unknown, type Arguments, type Value } from '../python/value';
import { argument } from './arguments';
import { guarded } from './callModule';
import { ParameterHandle } from './parameterHandle';
import { TorchModule } from './torchModule';
import type { TorchTensor } from './torchTensor';
import type { Place } from './tracer';

/** Functions that are given a module's weights, and the settings that they take behind weight and bias. */
const FUNCTIONS: Record<string, { className: string; settings: string[] }> = {
  conv1d: { className: 'Conv1d', settings: ['stride', 'padding', 'dilation', 'groups'] },
  conv2d: { className: 'Conv2d', settings: ['stride', 'padding', 'dilation', 'groups'] },
  conv3d: { className: 'Conv3d', settings: ['stride', 'padding', 'dilation', 'groups'] },
  linear: { className: 'Linear', settings: [] },
};

/** PyTorch's own defaults of these functions. */
const DEFAULTS: JsonObject = { stride: 1, padding: 0, dilation: 1, groups: 1 };

/**
 * `F.conv2d(x, self.weight, self.bias, …)` in a class that derives from `nn.Conv2d`, or with the weights of another module: that module,
 * with the settings of the call. Undefined for other functions and for weights that belong to no module.
 */
export function useWeights(name: string, x: TorchTensor, args: Arguments): Value | undefined {
  if (!Object.hasOwn(FUNCTIONS, name)) return undefined;
  const { className, settings } = FUNCTIONS[name];
  const weight = argument(args, 0, 'weight');
  const handle = weight?.kind === 'host' && weight.object instanceof ParameterHandle ? weight.object : null;
  const module = handle?.owner instanceof TorchModule && handle.name === 'weight' ? handle.owner : null;
  if (!module || module.definition.className !== className || module.defect !== null) return undefined;
  const bias = argument(args, 1, 'bias');
  const own: JsonObject = { ...module.settings, padding_mode: 'zeros', bias: bias !== undefined && bias.kind !== 'none' };
  try {
    settings.forEach((setting, i) => {
      const value = argument(args, 2 + i, setting);
      own[setting] = value ? toJson(value) : DEFAULTS[setting];
    });
  } catch (error) {
    if (error instanceof UnknownSetting) return unknown(`the settings of ${name}() (${error.reason})`);
    throw error;
  }
  const path = x.tracer.paths.get(module);
  const place: Place = { ...x.tracer.placeOf(path ?? name, module.source), owner: module };
  if (path !== undefined) place.name = path === '' ? name : path;
  return guarded(place, () => host(module.definition.apply(x.tracer, own, [x], place)));
}
