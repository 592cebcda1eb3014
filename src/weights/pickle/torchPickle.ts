import type { ByteSource } from '../byteSource';
import { elementType, type ElementType } from '../elementType';
import type { FoundTensor } from '../formatReader';
import { stridedData, type TensorData } from '../tensorData';
import { damaged } from '../weightError';
import { numpyTensor } from './numpyPickle';
import { itemsOf, numbersOf, PickleDict, PickleGlobal, PickleObject, PicklePersistent, type PickleValue } from './pickleValue';
import { sparseTensor } from './sparseTensor';
import type { PickleOwner } from './walkPickle';

/** Where a storage's values lie. */
export interface TorchStorage {
  source: ByteSource;
  offset: number;
  bytes: number;
}

export interface StorageReference {
  key: string;
  /** null for untyped storages: the tensor says its type. */
  dtype: string | null;
  /** As the pickle says; in elements, of untyped storages in bytes. */
  length: number;
  /** In elements, from the begin of the storage `key`; old files have views. */
  viewOffset: number;
}

const STORAGES: Record<string, string | null> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  QInt8Storage: 'int8',
  QUInt8Storage: 'uint8',
  QInt32Storage: 'int32',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  UntypedStorage: null,
};

/** Parameters around tensors, tensors in sparse ones: more than a few come from a hostile file. */
const MAX_DEPTH = 16;

const UNREADABLE_SIZES: Record<string, number> = { complex64: 8, complex128: 16, complex32: 4 };

const DTYPE_ALIASES: Record<string, string> = {
  float: 'float32',
  double: 'float64',
  half: 'float16',
  long: 'int64',
  int: 'int32',
  short: 'int16',
  qint8: 'int8',
  quint8: 'uint8',
  qint32: 'int32',
  cfloat: 'complex64',
  cdouble: 'complex128',
};

/** Bytes of one element of a type that PyTorch stores; 1 for untyped storages. */
export function torchElementSize(dtype: string | null): number {
  if (dtype === null) return 1;
  return elementType(dtype)?.size ?? UNREADABLE_SIZES[dtype] ?? 1;
}

/** What a persistent id of PyTorch refers to, or null when it is none. */
export function storageReference(value: PickleValue | undefined): StorageReference | null {
  const id = value instanceof PicklePersistent ? itemsOf(value.id) : [];
  const [kind, type, key, , length, view] = id;
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || !(type.name in STORAGES)) return null;
  const viewOffset = Number(itemsOf(view)[1] ?? 0);
  return { key: String(key), dtype: STORAGES[type.name], length: Number(length), viewOffset };
}

/**
 * The tensor that one of PyTorch's rebuild functions would make, or null when the value is none of them.
 * @param storageOf Finds a storage by key.
 */
export function torchTensor(
  value: PickleObject,
  name: string,
  owner: PickleOwner,
  storageOf: (key: string) => TorchStorage | null,
  isBigEndian: boolean,
  depth = 0,
): Omit<FoundTensor, 'name'> | null {
  const { args } = value;
  if (depth > MAX_DEPTH) damaged(`tensor ${name} is wrapped more than ${MAX_DEPTH} times`);
  const inside = (part: PickleObject) => torchTensor(part, name, owner, storageOf, isBigEndian, depth + 1);
  switch (value.path) {
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
    case 'torch.nn.parameter.Parameter':
    case 'torch.nn.parameter.Buffer':
    case 'torch._utils._rebuild_device_tensor_from_numpy':
      return args[0] instanceof PickleObject ? inside(args[0]) : null;
    case 'torch._tensor._rebuild_from_type_v2':
    case 'torch._tensor._rebuild_from_type': {
      const [callable, , inner] = args;
      return inside(new PickleObject(callable ?? null, itemsOf(inner)));
    }
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_qtensor':
      return rebuilt(args, null, args[6]);
    case 'torch._utils._rebuild_tensor_v3':
      return rebuilt(args, dtypeOf(args[6]), args[7]);
    case 'torch._utils._rebuild_sparse_tensor':
      return sparseTensor(args, name, (part) => (part.path === value.path ? null : inside(part)));
    case 'torch._utils._rebuild_sparse_csr_tensor':
    case 'torch._utils._rebuild_nested_tensor':
    case 'torch._utils._rebuild_meta_tensor_no_storage':
      return {
        dtype: 'unknown',
        shape: [],
        bytes: 0,
        data: `${value.path.replace(/^.*_rebuild_/, '')} values are not decoded`,
        role: 'other',
      };
    default:
      return numpyTensor(value, name);
  }

  function rebuilt(parts: PickleValue[], stated: string | null, metadata: PickleValue | undefined): Omit<FoundTensor, 'name'> {
    const reference = storageReference(parts[0]);
    const shape = numbersOf(parts[2]);
    const strides = numbersOf(parts[3]);
    if (!reference || !shape || !strides) damaged(`tensor ${name} has no storage, size and stride`);
    const { key, dtype: storageType, viewOffset } = reference as StorageReference;
    const dtype = stated ?? storageType ?? 'uint8';
    const size = torchElementSize(dtype);
    const bytes = (shape as number[]).reduce((a, b) => a * b, size);
    const base = { dtype, shape: shape as number[], bytes, ...layoutOf(owner, shape as number[]) };
    const type: ElementType | null = elementType(dtype);
    if (!type) return { ...base, data: `${dtype} values are not decoded` };
    const storage = storageOf(key);
    if (!storage) damaged(`tensor ${name} refers to the storage ${key}, which the file does not have`);
    const { source, offset, bytes: storedBytes } = storage as TorchStorage;
    const view = { offset: Number(parts[1]) + viewOffset, shape: shape as number[], strides: strides as number[] };
    const data = stridedData(name, source, offset, Math.floor(storedBytes / size), type, view, isBigEndian);
    // A view of negated values is stored as the values themselves, with a mark.
    const isNegated = metadata instanceof PickleDict && metadata.get('neg') === true;
    return { ...base, data: isNegated ? negated(data) : data };
  }
}

function negated(data: TensorData): TensorData {
  return { read: (start, end) => data.read(start, end).map((v) => -v) };
}

function dtypeOf(value: PickleValue | undefined): string | null {
  if (!(value instanceof PickleGlobal)) return null;
  return DTYPE_ALIASES[value.name] ?? value.name;
}

/** A module's class says more than a name does. */
function layoutOf({ className, name }: PickleOwner, shape: number[]): Partial<FoundTensor> {
  const layer = className ? { layer: name } : {};
  const short = className.replace(/^.*\./, '');
  if (/^(Lazy)?ConvTranspose2d$/.test(short) && shape.length === 4)
    return { ...layer, role: 'conv kernel', layout: 'IOHW', layoutReason: `the weight of a ${short}` };
  if (/^(Lazy)?ConvTranspose1d$/.test(short) && shape.length === 3)
    return { ...layer, role: 'conv kernel', layout: 'IOK', layoutReason: `the weight of a ${short}` };
  if (/^(Lazy)?Conv1d$/.test(short) && shape.length === 3)
    return { ...layer, role: 'conv kernel', layout: 'OIK', layoutReason: `the weight of a ${short}` };
  if (short === 'Embedding' && shape.length === 2) return { ...layer, role: 'embedding' };
  if (/Norm/.test(short)) return { ...layer, role: 'normalisation' };
  return layer;
}
