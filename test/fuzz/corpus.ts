import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'corpus');

/** Longest input that is kept. Larger files would make the repository grow with each finding. */
const MOST_KEPT_BYTES = 16 * 1024;

/** Folder with the kept inputs of a target: small valid ones, and each one that once found a fault. */
export const corpusFolder = (target: string): string => join(FOLDER, target);

/** Reads all kept inputs of a target. */
export function readCorpus(target: string): { readonly name: string; readonly input: Uint8Array }[] {
  const folder = corpusFolder(target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(folder, name)) }));
}

/** Keeps an input. Returns its path. */
export function keepInput(target: string, name: string, input: Uint8Array): string {
  if (input.length > MOST_KEPT_BYTES)
    throw new RangeError(
      `The input has ${input.length} bytes; at most ${MOST_KEPT_BYTES} are kept. Shorten it first.`,
    );
  const folder = corpusFolder(target);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, input);
  return path;
}
