/** What makes an instance of the HDF5 library inside h5wasm; the package itself offers only one that is made once. */
declare module '*/hdf5_util.js' {
  import type { ready } from 'h5wasm';

  const factory: (options: {
    noInitialRun: boolean;
    print(text: string): void;
    printErr(text: string): void;
  }) => Promise<Awaited<typeof ready>>;
  // eslint-disable-next-line no-restricted-exports -- The package's own default export.
  export default factory;
}
