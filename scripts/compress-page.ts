/** Compresses the built page's files, so that the server needs no time for it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';

/** Documents are left out: the server puts its path into them. Icons are compressed already. */
const COMPRESSED = /\.(js|css|svg|webmanifest)$/;

/** Writes each file also by Brotli, at its best level, beside itself: `main-K3J5QZ7A.js.br`. */
export async function compressPage(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => COMPRESSED.test(name));
  const compress = promisify(brotliCompress);
  await Promise.all(
    files.map(async (name) => {
      const path = join(folder, name);
      await writeFile(`${path}.br`, await compress(await readFile(path)));
    }),
  );
}
