// Installs Debian's PostgreSQL for tests, which start servers of their own.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { installDebian } from './apt.mjs';

/** Read by the package when it is installed: without it, it would make and start a server of its own. */
const NO_SERVER = '/etc/postgresql-common/createcluster.d/deskwire-tests.conf';

export async function installPostgres() {
  if (process.getuid() !== 0) return installDebian(['postgresql'], []);
  mkdirSync(dirname(NO_SERVER), { recursive: true });
  writeFileSync(NO_SERVER, 'create_main_cluster = false\n');
  try {
    await installDebian(['postgresql'], []);
  } finally {
    rmSync(NO_SERVER, { force: true });
  }
}
