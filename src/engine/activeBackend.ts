import * as tfc from '@tensorflow/tfjs-core';

/** The engine's members that its types leave out. */
interface Engine {
  backendName: string;
  backendInstance: tfc.KernelBackend;
  registry: Record<string, tfc.KernelBackend>;
}

/**
 * Makes a backend that was started before the active one, at once: `tfc.setBackend` would set all its kernels up anew.
 * @throws Error when it was not started.
 */
export function useBackend(name: string): void {
  const engine = tfc.engine() as unknown as Engine;
  const backend = engine.registry[name];
  if (!backend) throw new Error(`the backend ${name} was not started`);
  engine.backendName = name;
  engine.backendInstance = backend;
}

/** Runs `use` with another backend, and makes the one that was active so again. */
export function onBackend<T>(name: string, use: () => T): T {
  const before = tfc.getBackend();
  if (before === name) return use();
  useBackend(name);
  try {
    return use();
  } finally {
    useBackend(before);
  }
}
