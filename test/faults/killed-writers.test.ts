import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FSWatcher, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { parseStore } from '../../src/accounts/store-file.ts';
import type { StoredUser } from '../../src/accounts/store-state.ts';
import { ApiServer, createOwner, OWNER } from './api-server.ts';

const CLI = new URL('../../bin/deskwire.mjs', import.meta.url).pathname;
/** Tests among which the kills are divided, so that none of them takes too long on a busy machine. */
const TESTS = 4;
/** Kills of one test, by FUZZ_SHARE times as many. */
const KILLS = Math.ceil(50 * Number(process.env.FUZZ_SHARE ?? 1));
/** Processes of the command that are killed for each server. A server takes longer to start. */
const COMMANDS_PER_SERVER = 4;
/** Calls of the API that are under way when a server is killed. */
const CALLS = 6;
/** Notices of files that are written or renamed until a process is killed, at most: two for each change. */
const MOST_NOTICES = 2 * (CALLS + COMMANDS_PER_SERVER);
/** Longest time from such a notice to the kill, in ms: as long as writing the file takes. */
const MOST_DELAY_MS = 4;
/** Share of the changes that must be accepted. With fewer, the processes would be killed before they write. */
const LEAST_ACCEPTED_SHARE = 0.05;
/** Longest run of one test, in ms: 12 s on two idle cores. */
const LIMIT_MS = 175_000;
/** Seed of the changes and of the moments of the kills. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);

type Users = ReadonlyMap<string, StoredUser>;

/** A change of one user, by the API or by the command. */
interface Change {
  readonly name: string;
  /** Path of the call. */
  readonly call: string;
  /** Arguments of the command, which lacks changes of rights. */
  readonly command: readonly string[] | undefined;
  /** Whether a user, undefined if there is none, is as this change makes it. */
  isDone(is: StoredUser | undefined, was: StoredUser | undefined): boolean;
}

const create = (name: string): Change => ({
  name,
  call: `create_user?name=${name}&password=x&read=true`,
  command: ['add', name, '--read'],
  isDone: (is) => is?.read === true && !is.write,
});
const remove = (name: string): Change => ({
  name,
  call: `remove_user?name=${name}`,
  command: ['remove', name],
  isDone: (is) => is === undefined,
});
const setPassword = (name: string): Change => ({
  name,
  call: `update_user?name=${name}&password=y`,
  command: ['passwd', name],
  isDone: (is, was) => is !== undefined && is.passwordId !== was?.passwordId,
});
const allowWrite = (name: string): Change => ({
  name,
  call: `update_user?name=${name}&write=true`,
  command: undefined,
  isDone: (is) => is?.write === true,
});

let folder: string;
let watcher: FSWatcher;
/** Time of a whole command, in ms. */
let typicalMs = 1000;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-kills-'));
  await createOwner(folder);
  watcher = watch(folder);
  assert.ok(await runCommand(create('first')));
});
after(() => {
  watcher?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Resolves in the middle of a write: some moment after a number of notices about the data folder. Resolves after
 * `mostMs` if there are not so many.
 */
async function momentOfWriting(dice: Dice, mostMs: number): Promise<void> {
  let left = dice.integer(1, MOST_NOTICES);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      watcher.off('change', noticed);
      resolve();
    };
    const noticed = (_event: string, file: string | Buffer | null): void => {
      if (String(file).endsWith('.new') && --left === 0) end();
    };
    const timer = setTimeout(end, mostMs);
    watcher.on('change', noticed);
  });
  await sleep(dice.integer(0, MOST_DELAY_MS));
}

/** Runs a change as `deskwire user …`, and kills it when `moment` comes. Resolves with whether it reported success. */
async function runCommand(change: Change, moment?: Promise<void>): Promise<boolean> {
  const startMs = performance.now();
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const args = [CLI, 'user', ...change.command!, '--data', folder];
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end('a password\n');
  void moment?.then(() => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  if (code === 0) typicalMs = (typicalMs + performance.now() - startMs) / 2;
  return code === 0;
}

/** Runs changes as calls of a server, and kills it in the middle of them. Resolves with those that it accepted. */
async function runCalls(changes: readonly Change[], dice: Dice): Promise<Change[]> {
  const server = await ApiServer.start(folder);
  const moment = momentOfWriting(dice, 2 * typicalMs);
  const answers = changes.map((change) => server.client.get(`/api/${change.call}`).catch(() => undefined));
  await moment;
  await server.kill();
  const statuses = await Promise.all(answers);
  return changes.filter((_, i) => statuses[i]?.status === 200);
}

/** Returns the users in the file. Throws if it is broken. */
function storedUsers(): Users {
  const path = join(folder, 'users.json');
  return parseStore(readFileSync(path, 'utf8'), path).users;
}

/** Makes changes of different users: some of those that there are, and new ones. */
function makeChanges(dice: Dice, users: Users, prefix: string): Change[] {
  const free = [...users.keys()].filter((name) => name !== OWNER.name);
  return Array.from({ length: CALLS + COMMANDS_PER_SERVER }, (_, i) => {
    // Changes of rights go to the server. New users come first, so that there are some.
    const makers = i < CALLS ? [remove, setPassword, allowWrite] : [remove, setPassword];
    if (free.length === 0 || dice.chance(0.5)) return create(`${prefix}-${i}`);
    const [name] = free.splice(dice.integer(0, free.length - 1), 1);
    return dice.pick(makers)(name!);
  });
}

/** Asserts that each user is as it was, or as a change makes it, and not as it was if the change was accepted. */
function assertKept(
  was: Users,
  is: Users,
  changes: readonly Change[],
  accepted: readonly Change[],
  what: string,
): void {
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const change = changes.find((one) => one.name === name);
    const [before, now] = [was.get(name), is.get(name)];
    if (change?.isDone(now, before)) continue;
    assert.ok(change === undefined || !accepted.includes(change), `${what}: lost ${change?.call}`);
    assert.ok(isDeepStrictEqual(now, before), `${what}: ${name} has become another`);
  }
  for (const { name, call, isDone } of accepted)
    assert.ok(isDone(is.get(name), was.get(name)), `${what}: lost ${call}`);
}

for (let part = 0; part < TESTS; part++) {
  const from = part * KILLS;
  test(`kills ${from + 1} to ${from + KILLS} of servers and commands that change users lose no accepted change and break no file`, {
    timeout: LIMIT_MS,
  }, async (t) => {
    const dice = createDice(SEED * TESTS + part);
    let acceptedChanges = 0;
    let madeChanges = 0;
    for (let round = 0; round * (1 + COMMANDS_PER_SERVER) < KILLS; round++) {
      const was = storedUsers();
      const changes = makeChanges(dice, was, `user-${part}-${round}`);
      const accepted: Change[] = [];
      const commands = changes.slice(CALLS).map(async (change) => {
        const mostMs = typicalMs * (0.5 + dice.integer(0, 250) / 100);
        if (await runCommand(change, momentOfWriting(dice, mostMs))) accepted.push(change);
      });
      accepted.push(...(await runCalls(changes.slice(0, CALLS), dice)));
      await Promise.all(commands);
      assertKept(was, storedUsers(), changes, accepted, `round ${round}, FUZZ_SEED=${SEED}`);
      acceptedChanges += accepted.length;
      madeChanges += changes.length;
    }
    t.diagnostic(`${acceptedChanges} of ${madeChanges} changes were accepted`);
    assert.ok(acceptedChanges >= madeChanges * LEAST_ACCEPTED_SHARE, `${acceptedChanges} of ${madeChanges}`);
    assert.ok(await runCommand(create(`last-${part}`)), 'a lock was left');
    assert.ok(storedUsers().has(`last-${part}`));
  });
}
