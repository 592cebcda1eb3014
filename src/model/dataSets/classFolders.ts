import type { Machine } from '../python/machine';
import type { Arguments } from '../python/value';

/** The folders of a folder of images, one for each class; noted, since they decide the size of a network. */
export function classesIn(folder: string, args: Arguments, machine: Machine): string[] | null {
  const names = machine.disk?.classes(folder) ?? null;
  if (names) {
    const some = names.length > 4 ? [...names.slice(0, 3), '…'] : names;
    const classes = names.length === 1 ? 'One class' : `${names.length} classes`;
    machine.note('info', 'read-from-disk', `${classes} (${some.join(', ')}): the folders that are in "${folder}" now.`, args.site);
  }
  return names;
}
