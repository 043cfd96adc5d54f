import { readFileSync } from 'node:fs';

/**
 * Returns Deskwire's version from package.json, which is two folders up in the sources and in the compiled package.
 */
export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
