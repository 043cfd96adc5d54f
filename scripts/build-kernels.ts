// Builds the kernels of the server and of the page from AssemblyScript. The results are committed, so that a checkout
// runs without the compiler. Run this after a change in src/pixels/kernels/assembly.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = 'src/pixels/kernels';
/** Modules whose callers give the memory, which threads share, by the source that they are built from. */
const SHARED = { 'index.ts': `${FOLDER}/kernels.wasm`, 'packing.ts': `${FOLDER}/packing.wasm` };
/** Modules of the page, with a memory of their own. */
const OWN = { 'yuv.ts': 'src/client/decoders/yuv.wasm' };

/** Callers give the memory, and pass addresses to the kernels. */
const SHARED_MEMORY = ['--importMemory', '--sharedMemory', '--enable', 'threads'];

for (const [source, target] of Object.entries(SHARED)) await build(source, target, SHARED_MEMORY);
for (const [source, target] of Object.entries(OWN)) await build(source, target, []);

async function build(source: string, target: string, memory: readonly string[]): Promise<void> {
  const { error, stderr } = await asc.main(
    [
      `${FOLDER}/assembly/${source}`,
      '--baseDir',
      ROOT,
      '--outFile',
      target,
      '--optimizeLevel',
      '3',
      '--shrinkLevel',
      '0',
      '--noAssert',
      '--runtime',
      'stub',
      '--use',
      'abort=',
      ...memory,
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
