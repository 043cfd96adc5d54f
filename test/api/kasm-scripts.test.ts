import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { withSlack } from '../support/limits.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

const run = promisify(execFile);
/** Debian's, because other installations lack the packages of Debian. */
const PYTHON = '/usr/bin/python3';
const LIMIT_MS = 30_000;

let server: ContractServer;
before(async () => {
  server = await ContractServer.start();
  await server.viewer(EVE);
});
after(() => server.close());

/** Runs a script with the server's address before the arguments, and resolves with the lines that it printed. */
async function linesOf(program: string, script: string, ...args: string[]): Promise<string[]> {
  const env = { PATH: process.env.PATH, HOME: server.folder };
  const all = [join(import.meta.dirname, script), server.url.slice(0, -1), ...args];
  const { stdout } = await run(program, all, { env, timeout: withSlack(LIMIT_MS) });
  return stdout.trim().split('\n');
}

test('a Python script with requests that was written for KasmVNC runs unchanged', async () => {
  assert.deepEqual(await linesOf(PYTHON, 'kasm-script.py', ADA.name, ADA.password), [
    'users ada bob eve fred student0',
    'twice 400',
    'picture image/jpeg ffd8',
    'same picture 0',
    'stats eve True',
    "frame 320 ['Analysis', 'Screenshot']",
    "sessions ['eve']",
    'memory True',
    'send_full_frame 200 OK',
    'clear_clipboard 200 OK',
  ]);
  assert.deepEqual(
    server.accounts.list().map(({ name }) => name),
    ['ada', 'bob', 'eve'],
  );
});

test('a bash script with curl that was written for KasmVNC runs unchanged', async () => {
  const picture = join(server.folder, 'screen.jpg');
  assert.deepEqual(await linesOf('bash', 'kasm-script.sh', `${ADA.name}:${ADA.password}`, picture), [
    ...['200 OK', '200 OK', '200 OK'],
    '"user":"ada" "user":"bob" "user":"eve" "user":"fred" "user":"student1" ',
    ...['1', 'twice 400', '200 OK', '200 OK', '200 OK'],
  ]);
  assert.equal(readFileSync(picture).subarray(0, 2).toString('hex'), 'ffd8');
});
