/** Sizes of the built page's files, as they are sent, and their limits. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Metafile } from 'esbuild';

/**
 * Bytes, compressed, of all scripts of the page. A larger limit admits a framework, or features that few people use; a
 * smaller one forbids what people ask for.
 */
export const MOST_SCRIPT_BYTES = 200_000;
/**
 * Bytes, compressed, of the files without which the page shows nothing, with the largest of its languages. On a link of
 * 1 Mbit/s, 60 kB take half a second. What is needed later is imported later.
 */
export const MOST_FIRST_BYTES = 60_000;

/** The texts that the page loads first, in one language, such as `texts-de-K3J5QZ7A.js`. */
const LANGUAGE = /^texts-[a-z]{2}-/;

export interface PageSize {
  readonly file: string;
  readonly bytes: number;
  /** By Brotli, as the server sends it. */
  readonly compressed: number;
  /** Whether the page needs it to show anything. */
  readonly isFirst: boolean;
}

/** Measures the scripts, styles and the document of the page `html` in a folder. `outputs` are those of its bundles. */
export async function pageSizes(
  folder: string,
  html: string,
  outputs: Metafile['outputs'],
): Promise<PageSize[]> {
  const document = await readFile(join(folder, html), 'utf8');
  const first = new Set([html]);
  const imported = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output.imports]));
  const need = (file: string): void => {
    if (first.has(file)) return;
    first.add(file);
    for (const { kind, path } of imported.get(file) ?? [])
      if (kind !== 'dynamic-import') need(basename(path));
  };
  for (const file of imported.keys()) if (document.includes(`"./${file}"`)) need(file);
  const files = [html, ...imported.keys()].filter((file) => !file.endsWith('.map'));
  const sizes = files.map(async (file) => {
    const bytes = await readFile(join(folder, file));
    return {
      file,
      bytes: bytes.length,
      compressed: brotliCompressSync(bytes).length,
      isFirst: first.has(file),
    };
  });
  const sorted = (await Promise.all(sizes)).sort((a, b) => b.compressed - a.compressed);
  // The page loads one of its languages, unless that is English, which is in its first script.
  const language = sorted.find(({ file }) => LANGUAGE.test(file));
  return sorted.map((size) => (size === language ? { ...size, isFirst: true } : size));
}

const sum = (sizes: readonly PageSize[]): number =>
  sizes.reduce((total, { compressed }) => total + compressed, 0);

export const scriptBytes = (sizes: readonly PageSize[]): number =>
  sum(sizes.filter(({ file }) => file.endsWith('.js')));

export const firstBytes = (sizes: readonly PageSize[]): number => sum(sizes.filter(({ isFirst }) => isFirst));

/** A table of the sizes, with the totals and their limits. */
export function sizesTable(sizes: readonly PageSize[]): string {
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
  const rows = sizes.map(
    ({ file, bytes, compressed, isFirst }) =>
      `${kB(bytes)}${kB(compressed)}  ${isFirst ? 'first' : 'later'}  ${file}`,
  );
  return [
    '     bytes compressed',
    ...rows,
    `scripts, compressed:${kB(scriptBytes(sizes))} of ${kB(MOST_SCRIPT_BYTES).trim()}`,
    `first load:         ${kB(firstBytes(sizes))} of ${kB(MOST_FIRST_BYTES).trim()}`,
  ].join('\n');
}
