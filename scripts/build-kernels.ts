// Builds src/pixels/kernels/kernels.wasm from AssemblyScript. The result is committed, so that a checkout runs without
// the compiler. Run this after a change in src/pixels/kernels/assembly.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const ROOT = join(import.meta.dirname, '..');
const ENTRY = 'src/pixels/kernels/assembly/index.ts';
const OUT = 'src/pixels/kernels/kernels.wasm';

const { error, stderr } = await asc.main(
  [
    ENTRY,
    '--baseDir',
    ROOT,
    '--outFile',
    OUT,
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    '--noAssert',
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '--importMemory',
    '--sharedMemory',
    // Callers give the memory, and pass addresses to the kernels.
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
    // The page below this has the threads' scratch. The kernels have no static data.
    '--memoryBase',
    '1024',
    '--enable',
    'simd',
    '--enable',
    'threads',
    '--enable',
    'bulk-memory',
  ],
  {
    readFile: (name: string, base: string) => readFile(join(base, name), 'utf8').catch(() => null),
    writeFile: (name: string, contents: Uint8Array | string, base: string) =>
      writeFile(join(base, name), contents),
  },
);
if (error) {
  process.stderr.write(stderr.toString());
  throw error;
}
