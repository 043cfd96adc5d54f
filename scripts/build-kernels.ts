// Builds src/pixels/kernels/kernels.wasm from its AssemblyScript. The result is committed, so that running
// from a checkout needs no compiler; run this after touching src/pixels/kernels/assembly.

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
    // The importer may bring any memory: the kernels are told their addresses.
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
    // The compiler's own data, of which there is none, would lie in the page that holds the threads' scratch.
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
