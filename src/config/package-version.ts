import { readFileSync } from 'node:fs';

/** Deskwire's own version. package.json lies two folders up, from the sources as from what is built of them. */
export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
