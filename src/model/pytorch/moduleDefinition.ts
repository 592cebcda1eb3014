import type { JsonObject } from '../../common/json';
import type { TorchParameter } from './arguments';
import type { Place, Tracer } from './tracer';
import type { TorchTensor } from './torchTensor';

/** What a module makes of the first tensor it meets, for finding the input's shape. */
export interface InputNeed {
  kind: 'channels' | 'features';
  size: number;
  /** Number of spatial axes behind the channels. */
  spatial: number;
  /** It takes maps of one pixel: a transposed convolution that a generator begins with. */
  isGrowing?: boolean;
}

/** One class of `torch.nn`. */
export interface ModuleDefinition {
  className: string;
  /** Of the constructor, in order. */
  parameters: TorchParameter[];
  /** Uses it in a forward pass. @throws TraceError */
  apply(tracer: Tracer, settings: JsonObject, inputs: TorchTensor[], place: Place): TorchTensor;
  /** The weights that count as its parameters, in PyTorch's names and shapes; undefined: none. */
  weights?(settings: JsonObject): [name: string, shape: number[]][];
  need?(settings: JsonObject): InputNeed | null;
}
