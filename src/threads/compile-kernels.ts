import { readFileSync } from 'node:fs';

/** Compiles the pixel kernels. The module can be sent to other threads; each instantiates it on the shared frame. */
export const compileKernels = (): WebAssembly.Module => compile('kernels.wasm');

/** Compiles the kernels of packers, which only the threads that encode need. */
export const compilePacking = (): WebAssembly.Module => compile('packing.wasm');

const compile = (name: string): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(new URL(`../pixels/kernels/${name}`, import.meta.url)));
