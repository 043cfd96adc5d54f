import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { parseStore } from '../../src/accounts/store-file.ts';
import { ApiServer, createOwner, OWNER } from './api-server.ts';

const CLI = new URL('../../bin/deskwire.mjs', import.meta.url).pathname;
/** Kills of one run, by FUZZ_SHARE times as many. */
const KILLS = Math.ceil(200 * Number(process.env.FUZZ_SHARE ?? 1));
/** Processes of the command that are killed for each server. A server takes longer to start. */
const COMMANDS_PER_SERVER = 4;
/** Calls of the API that are under way when a server is killed. */
const CALLS = 6;
/** Longest time after the first call until a server is killed, in ms: some changes are written then. */
const SERVER_LIVES_MS = 60;
/** Longest run of the test, in ms: 40 s on two idle cores. */
const LIMIT_MS = 175_000;
/** Seed of the moments of the kills. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);

let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-kills-'));
  await createOwner(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `deskwire user add NAME`, and kills it after that time. Resolves with whether it reported success. */
async function addByCommand(name: string, killAfterMs = Number.POSITIVE_INFINITY): Promise<boolean> {
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const args = [CLI, 'user', 'add', name, '--read', '--data', folder];
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end('a password\n');
  const exit = once(child, 'exit');
  const timer = Number.isFinite(killAfterMs)
    ? setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    : undefined;
  const [code] = await exit;
  clearTimeout(timer);
  return code === 0;
}

/** Adds users by calls of a server, and kills it in the middle of them. Resolves with the names that it accepted. */
async function addByServer(round: number, dice: Dice): Promise<string[]> {
  const server = await ApiServer.start(folder);
  const accepted: string[] = [];
  const calls = Array.from({ length: CALLS }, async (_, i) => {
    const name = `api-${round}-${i}`;
    const answer = await server.client.get(`/api/create_user?name=${name}&password=x`).catch(() => undefined);
    if (answer?.status === 200) accepted.push(name);
  });
  await sleep(dice.integer(0, SERVER_LIVES_MS));
  await server.kill();
  await Promise.all(calls);
  return accepted;
}

/** Returns the users in the file. Throws if it is broken. */
const storedUsers = (): Set<string> => {
  const path = join(folder, 'users.json');
  return new Set(parseStore(readFileSync(path, 'utf8'), path).users.keys());
};

test(`${KILLS} kills of servers and commands that add users lose no accepted user and break no file`, {
  timeout: LIMIT_MS,
}, async (t) => {
  const dice = createDice(SEED);
  const startMs = performance.now();
  assert.ok(await addByCommand('first'));
  const typicalMs = performance.now() - startMs;
  const accepted = [OWNER.name, 'first'];
  let kills = 0;
  for (let round = 0; kills < KILLS; round++) {
    const commands = Array.from({ length: COMMANDS_PER_SERVER }, async (_, i) => {
      const name = `command-${round}-${i}`;
      // Most are killed in the second half of their run, in which they hash and write.
      const killAfterMs = Math.round(typicalMs * (0.3 + dice.integer(0, 100) / 100));
      if (await addByCommand(name, killAfterMs)) accepted.push(name);
    });
    accepted.push(...(await addByServer(round, dice)));
    await Promise.all(commands);
    kills += 1 + COMMANDS_PER_SERVER;
    const stored = storedUsers();
    const lost = accepted.filter((name) => !stored.has(name));
    assert.deepEqual(lost, [], `round ${round}, FUZZ_SEED=${SEED}`);
  }
  t.diagnostic(`${accepted.length} users were accepted, ${storedUsers().size} are stored`);
  assert.ok(await addByCommand('last'), 'a lock was left');
  assert.ok(storedUsers().has('last'));
});
