import { readFileSync } from 'node:fs';

/** The pixel kernels, compiled; sent to the frame thread, which instantiates them on its frame. */
export const compileKernels = (): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(new URL('../pixels/kernels/kernels.wasm', import.meta.url)));
