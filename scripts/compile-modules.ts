/**
 * Loads every module of the server once, so that Node.js puts them into its compile cache (NODE_COMPILE_CACHE). Without
 * the cache, each thread of a server loads the compiler that strips types: 13 MB a thread. Run with `--version`, which
 * is what src/cli/deskwire.ts then does.
 */
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);
const NOT_LOADED = ['src/client/**', 'src/pixels/kernels/assembly/**', 'src/**/*.test.ts', 'src/**/*.d.ts'];

for (const file of globSync('src/**/*.ts', { cwd: ROOT, exclude: NOT_LOADED })) {
  // The scripts of threads are compiled before they find that they are not in one.
  await import(join(ROOT, file)).catch(() => undefined);
}
process.exit();
