import { createRequire } from 'node:module';

/** Functions of the C library, called from JavaScript. */
export interface CLibrary {
  /** Returns a function by its C declaration, such as `int close(int fd)`. Throws if there is none of that name. */
  func(declaration: string): (...args: readonly (number | string | Uint8Array | unknown[])[]) => number;
}

let loaded: CLibrary | undefined;

/**
 * Loads the optional package koffi, which calls C. Throws if it is not installed, or has no binary for this system.
 * Takes 17 ms and 2.7 MB of memory, once.
 */
export function loadCLibrary(): CLibrary {
  // Not by `import`: the package is optional, so that its types may be absent too.
  loaded ??= (createRequire(import.meta.url)('koffi') as { load(path: null): CLibrary }).load(null);
  return loaded;
}
