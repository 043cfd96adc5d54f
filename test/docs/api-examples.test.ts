import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import * as wire from '../../src/protocol/constants.ts';
import { ADA, ContractServer, EVE } from '../api/contract-server.ts';
import { withSlack } from '../support/limits.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';

const run = promisify(execFile);
const PAGE = join(import.meta.dirname, '../../docs/api.md');
/** Longest time of all examples together. */
const LIMIT_MS = 60_000;

const owner = { name: 'owner', password: 'owner-secret' };
let server: ContractServer;
/** Home of the shell, and the folder in which it leaves files. */
let home: string;
before(async () => {
  server = await ContractServer.start({ maxSize: { width: 1280, height: 720 } });
  home = mkdtempSync(join(tmpdir(), 'deskwire-examples-'));
  mkdirSync(join(home, '.local/share/deskwire'), { recursive: true });
  copyFileSync(server.certificatePath, join(home, '.local/share/deskwire/cert.pem'));
  await server.client(ADA).get('/api/create_user?name=owner&password=owner-secret&owner=true&write=true');
});
after(async () => {
  await server.close();
  rmSync(home, { recursive: true });
});

/** What the examples of the page take for granted. */
async function prepare(): Promise<void> {
  mkdirSync(join(server.folder, 'Downloads/invoices 2026'), { recursive: true });
  await server.viewer(EVE, { encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_DESKWIRE] });
  const guess = () => server.client({ name: 'fred', password: 'a-guess' }).get('/api/get_users');
  await Promise.all(Array.from({ length: 6 }, guess));
}

test('the shell examples of docs/api.md work one after the other, as they stand there', async () => {
  await prepare();
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text!);
  const [definitions = '', ...examples] = blocks;
  assert.ok(examples.length > 5);
  const script = [
    definitions.replace('https://127.0.0.1:8443', server.url.slice(0, -1)).replace('curl -sS', 'curl -sS -f'),
    ...examples,
  ].join('\n');
  const env = { PATH: process.env.PATH, HOME: home, PASSWORD: owner.password };
  const options = { cwd: home, env, timeout: withSlack(LIMIT_MS) };
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], options);
  assert.match(stdout, /"user":"owner"/);
  assert.match(stdout, /"shown_to":1/);
  assert.match(stdout, /"width":1280,"height":720/);
  assert.match(stdout, /Hello\n/);
  for (const [file, starts] of [
    ['screen.jpg', 'ffd8'],
    ['corner.png', '89504e47'],
    ['copied.png', '89504e47'],
  ] as const)
    assert.equal(
      readFileSync(join(home, file))
        .subarray(0, starts.length / 2)
        .toString('hex'),
      starts,
      file,
    );
  assert.equal(server.accounts.get('fred'), undefined);
});
