import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ADA, ContractServer } from '../api/contract-server.ts';
import { withSlack } from '../support/limits.ts';

const run = promisify(execFile);
/** Longest time of all examples together. */
const LIMIT_MS = 30_000;

test('the shell examples of the API in the README work one after the other, as they stand there', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [, examples = ''] = /^```bash\n(api\(\) .*?)^```$/ms.exec(page) ?? [];
  assert.ok(examples.length > 0);
  const server = await ContractServer.start();
  const home = mkdtempSync(join(tmpdir(), 'deskwire-readme-'));
  try {
    await server.client(ADA).get('/api/create_user?name=owner&password=owner-secret&owner=true');
    mkdirSync(join(home, '.local/share/deskwire'), { recursive: true });
    copyFileSync(server.certificatePath, join(home, '.local/share/deskwire/cert.pem'));
    const script = examples.replace(':8443', `:${server.http.port}`).replace('-sS', '-sSf');
    const env = { PATH: process.env.PATH, HOME: home, PASSWORD: 'owner-secret' };
    const options = { cwd: home, env, timeout: withSlack(LIMIT_MS) };
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], options);
    assert.match(stdout, /"server_side":/);
    assert.match(stdout, /"user":"ann","read":true,"write":false,"owner":false/);
    assert.equal(readFileSync(join(home, 'now.jpg')).subarray(0, 2).toString('hex'), 'ffd8');
    assert.equal(server.accounts.get('fred'), undefined);
  } finally {
    rmSync(home, { recursive: true });
    await server.close();
  }
});
