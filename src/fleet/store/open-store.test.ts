import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';

const source = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

test('a desktop, and a fleet with the embedded store, load nothing of PostgreSQL', () => {
  const program = `
    import { createRequire } from 'node:module';
    await import(${source('../../cli/serve.ts')});
    await import(${source('../../main.ts')});
    await import(${source('../fleet.ts')});
    const { openStore } = await import(${source('./open-store.ts')});
    const store = await openStore({ place: undefined, data: process.argv[1], log: undefined });
    await store.close();
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).filter((path) => /node_modules.pg/.test(path));
    const before = loaded().length;
    await import('pg');
    console.log(JSON.stringify([before, loaded().length > 0]));
    process.exit();`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, '--', temporaryFolder('deskwire-open-store-')],
    { encoding: 'utf8', cwd: import.meta.dirname },
  );
  assert.equal(stdout.trim(), '[0,true]', stderr);
});
