import type { SavedModel, SavedTensor } from './savedModel';

/** Layers whose weights belong to the cell inside them. */
const RECURRENT = /^(GRU|LSTM|SimpleRNN)$/;

/**
 * A `.weights.h5` as Keras 3 saves it (keras/src/saving/saving_lib.py): `layers/<class>[_n]/vars/<i>`, classes numbered in the order of
 * layers, so that `model.load_weights` takes it whatever the layers are called.
 * @throws Error for models inside models, whose places in the file depend on more than their layers.
 */
export async function kerasWeights(model: SavedModel): Promise<Uint8Array> {
  const nested = model.layers.find((l) => l.name.includes('/'));
  if (nested)
    throw new Error(`${nested.name} is in a model inside the model, which .weights.h5 files are not written for; save as SafeTensors`);
  const h5wasm = await import('h5wasm');
  const { FS } = await h5wasm.ready;
  const path = `/save-${Math.random().toString(36).slice(2)}.h5`;
  const file = new h5wasm.File(path, 'w');
  const groupOf = (parts: string[]): InstanceType<typeof h5wasm.Group> => {
    let at: InstanceType<typeof h5wasm.Group> = file;
    let name = '';
    for (const part of parts) {
      name = name ? `${name}/${part}` : part;
      const found = file.get(name);
      at = found instanceof h5wasm.Group ? found : at.create_group(part);
    }
    return at;
  };
  try {
    groupOf(['vars']).create_attribute('name', model.name);
    for (const { name, place } of kerasPlaces(model.layers)) {
      const own = model.tensors.filter((t) => t.layer === name);
      const group = groupOf([...place, 'vars']);
      group.create_attribute('name', name);
      own.forEach((t, i) => write(group, String(i), t));
    }
    file.flush();
    file.close();
    return FS.readFile(path);
  } finally {
    FS.unlink(path);
  }

  function write(group: InstanceType<typeof h5wasm.Group>, name: string, { values, shape }: SavedTensor): void {
    group.create_dataset({ name, data: values, shape, dtype: '<f' });
  }
}

/** Where each layer's variables lie in a `.weights.h5` of Keras 3: `[place…]/vars/0`, … */
export function kerasPlaces(layers: SavedModel['layers']): { name: string; place: string[] }[] {
  const used = new Map<string, number>();
  return layers.map(({ name, className }) => {
    const base = snakeCase(className);
    const count = used.get(base) ?? 0;
    used.set(base, count + 1);
    const numbered = count === 0 ? base : `${base}_${count}`;
    return { name, place: ['layers', numbered, ...(RECURRENT.test(className) ? ['cell'] : [])] };
  });
}

/** keras.src.utils.naming.to_snake_case */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
