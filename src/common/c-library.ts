import { createRequire } from 'node:module';

/** Memory address. */
export type Pointer = bigint | null;

type Argument = number | string | Pointer | Uint8Array | unknown[];

/** A function of C. */
export interface CFunction {
  (...args: readonly Argument[]): number;
  /** Calls it on another thread. The last argument is called with the result. */
  async(...args: readonly [...Argument[], (error: Error | null, result: number) => void]): void;
}

/** Functions of the C library, called from JavaScript. */
export interface CLibrary {
  /** Returns a function by its C declaration, such as `int close(int fd)`. Throws if there is none of that name. */
  func(declaration: string): CFunction;
}

interface Koffi {
  load(path: null): CLibrary;
}

let koffi: Koffi | undefined;
let loaded: CLibrary | undefined;

/**
 * Loads the optional package koffi, which calls C. Throws if it is not installed, or has no binary for this system.
 * Takes 17 ms and 2.7 MB of memory, once, and 6 ms and 2 MB on each further thread. When a thread ends, koffi
 * leaves 50 KB and three mappings behind, which it never frees. So threads that come and go all the time must not call
 * this.
 */
export function loadCLibrary(): CLibrary {
  loaded ??= loadKoffi().load(null);
  return loaded;
}

function loadKoffi(): Koffi {
  // Not by `import`: the package is optional, so that its types may be absent too.
  koffi ??= createRequire(import.meta.url)('koffi') as Koffi;
  return koffi;
}
