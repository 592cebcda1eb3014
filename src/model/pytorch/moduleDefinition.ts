import type { JsonObject } from '../../common/json';
import type { Arguments, Value } from '../python/value';
import type { TorchParameter } from './arguments';
import type { Place, Tracer } from './tracer';
import type { TorchTensor } from './torchTensor';

/** What a module makes of the first tensor it meets, for finding the input's shape. */
export interface InputNeed {
  kind: 'channels' | 'features' | 'sequence' | 'tokens';
  size: number;
  /** Number of spatial axes behind the channels. */
  spatial: number;
  /** It takes maps of one pixel: a transposed convolution that a generator begins with. */
  isGrowing?: boolean;
  /** Of sequences: time comes before the batch. */
  isTimeFirst?: boolean;
  /** It takes what it is given: the size is a usual one only. */
  isOpen?: boolean;
}

/** One class of `torch.nn`. */
export interface ModuleDefinition {
  className: string;
  /** Of the constructor, in order. */
  parameters: TorchParameter[];
  /** Uses it in a forward pass. @throws TraceError */
  apply(tracer: Tracer, settings: JsonObject, inputs: TorchTensor[], place: Place): TorchTensor;
  /** Uses one with several inputs or outputs in place of `apply`; undefined when the first input is no tensor. @throws TraceError */
  run?(tracer: Tracer, settings: JsonObject, inputs: Value[], place: Place, args: Arguments): Value | undefined;
  /** The weights that count as its parameters, in PyTorch's names and shapes; undefined: none. */
  weights?(settings: JsonObject): [name: string, shape: number[]][];
  need?(settings: JsonObject): InputNeed | null;
}
