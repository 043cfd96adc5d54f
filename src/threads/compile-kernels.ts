import { readFileSync } from 'node:fs';

/** Compiles the pixel kernels. The module can be sent to other threads; each instantiates it on the shared frame. */
export const compileKernels = (): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(new URL('../pixels/kernels/kernels.wasm', import.meta.url)));
