import { tensorLength, type WeightTensor } from '../common/weightFile';
import type { KernelsRequest, KernelValues } from '../common/weightsProtocol';
import type { ReadRange } from './readPlane';
import { kernelPlan, takeKernels } from './toKernels';
import { WeightError } from './weightError';

/** So many values of kernels go to a view at once: 64 MB of float32. */
export const MAX_KERNEL_VALUES = 1 << 24;
const MAX_SCAN = 1 << 27;

/**
 * A tensor's kernels in the order in which they are drawn; fewer than asked for when they would be too many at once.
 * @param whole the tensor's values where they are in memory.
 * @throws RangeError when the layout is not one of the tensor's; WeightError when it is too large.
 */
export async function readKernels(
  tensor: WeightTensor,
  { layout, first = 0, count }: KernelsRequest,
  whole: Float32Array | null,
  read: ReadRange,
): Promise<KernelValues> {
  const plan = kernelPlan(tensor.shape, layout);
  const [kh, kw, cin, filters] = plan.shape;
  if (!(Number.isInteger(first) && first >= 0 && first <= filters)) throw new RangeError(`there is no kernel ${first}, only ${filters}`);
  const each = kh * kw * cin;
  const most = Math.max(1, Math.floor(MAX_KERNEL_VALUES / Math.max(1, each)));
  const taken = Math.min(count ?? filters, filters - first, most);
  const values = whole ? takeKernels(whole, plan, first, taken) : await readSome(tensor, plan, first, taken, read);
  return { shape: [kh, kw, cin, taken], values: values.buffer as ArrayBuffer, first, filters };
}

async function readSome(
  tensor: WeightTensor,
  plan: ReturnType<typeof kernelPlan>,
  first: number,
  count: number,
  read: ReadRange,
): Promise<Float32Array> {
  const [kh, kw, cin, filters] = plan.shape;
  const step = filters > 1 ? plan.beginOf(1) - plan.beginOf(0) : 0;
  if (step === kh * kw * cin) {
    const begin = plan.beginOf(first);
    return takeKernels(await read(begin, begin + count * step), plan, first, count, begin);
  }
  if (step === 1) {
    const out = new Float32Array(kh * kw * cin * count);
    for (let y = 0; y < kh; y++)
      for (let x = 0; x < kw; x++)
        for (let c = 0; c < cin; c++) {
          const at = plan.beginOf(first) + plan.row(y) + x * plan.column + c * plan.channel;
          out.set(await read(at, at + count), ((y * kw + x) * cin + c) * count);
        }
    return out;
  }
  const length = tensorLength(tensor);
  if (length > MAX_SCAN)
    throw new WeightError(`the kernels of ${tensor.name} lie scattered over ${length} values`, 'look at it as a heat map instead');
  return takeKernels(await read(0, length), plan, first, count);
}
