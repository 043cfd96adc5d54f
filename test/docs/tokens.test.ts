import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ALL_SCOPES, isScope } from '../../src/accounts/scopes.ts';
import { ContractServer } from '../api/contract-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/tokens.md'), 'utf8');
const run = promisify(execFile);

test('the examples of docs/tokens.md work in the order of the page', async () => {
  const server = await ContractServer.start();
  const home = mkdtempSync(join(tmpdir(), 'deskwire-docs-'));
  try {
    const rights = { read: true, write: true, owner: true };
    await server.accounts.apply([
      { kind: 'create', name: 'owner', password: 'owner-secret', rights, overwrite: true },
    ]);
    const data = join(home, '.local/share/deskwire');
    mkdirSync(data, { recursive: true });
    copyFileSync(server.certificatePath, join(data, 'cert.pem'));
    // The command of the examples, as an installed package has it.
    const command = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/deskwire.mjs')}' "$@"\n`;
    writeFileSync(join(home, 'deskwire'), command, { mode: 0o755 });
    const examples = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, code]) => code!);
    assert.ok(examples.length > 5);
    const script = examples.join('\n').replace('https://127.0.0.1:8443', server.url.replace(/\/$/, ''));
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: home,
      env: {
        HOME: home,
        PATH: `${home}:${process.env.PATH}`,
        PASSWORD: 'owner-secret',
        DESKWIRE_DATA: server.folder,
      },
    });
    assert.match(stdout, /<iframe src="https:\/\/127\.0\.0\.1:\d+\/login\.html#ticket=dwk_[\w-]+"/);
    assert.deepEqual([...readFileSync(join(home, 'screen.jpg')).subarray(0, 2)], [0xff, 0xd8]);
  } finally {
    rmSync(home, { recursive: true });
    await server.close();
  }
});

test('docs/tokens.md lists each scope', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| /gm)].map(([, scope]) => scope!);
  assert.deepEqual(
    rows.filter((scope) => isScope(scope)),
    ALL_SCOPES,
  );
});
