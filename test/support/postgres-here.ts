import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Where Debian has the programs of each version. */
const VERSIONS = '/usr/lib/postgresql';

/** Oldest version that is tried. */
const LEAST_VERSION = 13;

/** Folder of PostgreSQL's programs. Undefined if it is not installed. */
function programs(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number) : [];
  const newest = versions
    .filter((version) => version >= LEAST_VERSION && existsSync(join(VERSIONS, `${version}/bin/initdb`)))
    .sort((a, b) => b - a)[0];
  if (newest !== undefined) return join(VERSIONS, String(newest), 'bin');
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v initdb'], { encoding: 'utf8' });
  return status === 0 ? dirname(stdout.trim()) : undefined;
}

/** Installs PostgreSQL if it is missing. Returns why tests that need it cannot run, or false, as `skip` of a test. */
export function lacksPostgres(): string | false {
  if (programs() !== undefined) return false;
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs', 'postgres'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 && programs() !== undefined ? false : 'PostgreSQL is not installed';
}

/** Path of one of PostgreSQL's programs. */
export function postgresProgram(name: string): string {
  const folder = programs();
  if (folder === undefined) throw new Error('PostgreSQL is not installed.');
  return join(folder, name);
}
