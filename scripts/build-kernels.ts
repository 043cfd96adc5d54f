// Builds the modules of src/pixels/kernels from AssemblyScript. The results are committed, so that a checkout runs
// without the compiler. Run this after a change in src/pixels/kernels/assembly.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = 'src/pixels/kernels';
/** Modules by the source that they are built from. */
const MODULES = { 'index.ts': 'kernels.wasm', 'packing.ts': 'packing.wasm' };

for (const [source, target] of Object.entries(MODULES)) await build(source, target);

async function build(source: string, target: string): Promise<void> {
  const { error, stderr } = await asc.main(
    [
      `${FOLDER}/assembly/${source}`,
      '--baseDir',
      ROOT,
      '--outFile',
      `${FOLDER}/${target}`,
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
}
