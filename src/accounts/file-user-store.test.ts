import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FileUserStore } from './file-user-store.ts';
import { decoyHash } from './password-hash.ts';
import { formatStore } from './store-file.ts';
import { withStoreLock } from './store-lock.ts';
import type { StoredUser, StoreState } from './store-state.ts';

const hash = decoyHash({ algorithm: 'argon2id', memoryKiB: 8, passes: 1, lanes: 1 });
const userNamed = (name: string): StoredUser => ({
  name,
  hash,
  passwordId: 'id',
  read: true,
  write: false,
  owner: false,
});
const withUser = (name: string) => (state: StoreState) => ({
  ...state,
  users: new Map(state.users).set(name, userNamed(name)),
});

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

function openStore(t: TestContext, folder: string) {
  const problems: unknown[] = [];
  const warnings: string[] = [];
  let recoveries = 0;
  const changes: string[][] = [];
  const waiting: (() => void)[] = [];
  const store = new FileUserStore({
    folder,
    onChange: (_before, after) => {
      changes.push([...after.users.keys()]);
      for (const resolve of waiting.splice(0)) resolve();
    },
    onProblem: (problem) => {
      problems.push(problem);
      for (const resolve of waiting.splice(0)) resolve();
    },
    onRecovery: () => recoveries++,
    onWarning: (warning) => warnings.push(warning),
  });
  t.after(() => store.close());
  const nextNotice = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { store, problems, warnings, changes, nextNotice, recoveries: () => recoveries };
}

/** Runs TypeScript in a separate process. There, `store` is an open store of `folder`. */
function inProcess(folder: string, code: string) {
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const source = `
    const { FileUserStore } = await import(${url('./file-user-store.ts')});
    const { writeFileAtomically } = await import(${url('../common/write-file-atomically.ts')});
    const { withStoreLock } = await import(${url('./store-lock.ts')});
    const folder = ${JSON.stringify(folder)};
    const userNamed = (name) => ({ ...${JSON.stringify(userNamed(''))}, name });
    const withUser = ${withUser.toString()};
    const store = new FileUserStore({ folder, onChange() {}, onProblem(problem) { throw problem; } });
    ${code}
    await store.close();`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('only its owner may enter the folder and read the file', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  await store.update(withUser('fred'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(folder))
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  assert.deepEqual(readdirSync(folder).sort(), ['users.json', 'users.json.lock']);
});

test('users with any name, and removed names, are read back as they were written', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  const names = ['fred', '__proto__', 'constructor', 'Ä "ö"', '😀'];
  for (const name of names) await store.update(withUser(name));
  await store.update((state) => ({ ...state, removed: new Set(['gone', '__proto__']) }));
  const again = openStore(t, folder).store;
  assert.deepEqual([...again.state.users.keys()], names);
  assert.deepEqual(again.state, store.state);
});

test('processes that write at the same time lose nothing', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  const writers = ['a', 'b', 'c'].map((letter) =>
    inProcess(folder, `for (let i = 0; i < 20; i++) await store.update(withUser('${letter}' + i));`),
  );
  const ends = Promise.all(writers.map((writer) => once(writer, 'exit')));
  for (let i = 0; i < 20; i++) await store.update(withUser(`own${i}`));
  assert.deepEqual(await ends, [
    [0, null],
    [0, null],
    [0, null],
  ]);
  store.refresh();
  assert.equal(store.state.users.size, 80);
});

test('a writer killed before it renames the new file leaves the old file and no lock', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  await store.update(withUser('fred'));
  const before = readFileSync(join(folder, 'users.json'), 'utf8');
  const writer = inProcess(
    folder,
    `await withStoreLock(folder + '/users.json.lock', () =>
       writeFileAtomically(folder + '/users.json', '{}', { beforeRename: () => process.kill(process.pid, 'SIGKILL') }));`,
  );
  assert.deepEqual(await once(writer, 'exit'), [null, 'SIGKILL']);
  const leftOver = () => readdirSync(folder).filter((name) => name.endsWith('.new'));
  assert.equal(leftOver().length, 1);
  assert.equal(readFileSync(join(folder, 'users.json'), 'utf8'), before);

  await store.update(withUser('bob'));
  assert.deepEqual([...openStore(t, folder).store.state.users.keys()], ['fred', 'bob']);
  assert.equal(leftOver().length, 1, 'its writer may be alive');
  utimesSync(join(folder, leftOver()[0]!), 0, 0);
  await store.update(withUser('eve'));
  assert.deepEqual(leftOver(), []);
});

test('a write by another process is noticed without a call', async (t) => {
  const folder = newFolder(t);
  const { nextNotice, changes } = openStore(t, folder);
  const noticed = nextNotice();
  const writer = inProcess(folder, `await store.update(withUser('fred'));`);
  await Promise.all([noticed, once(writer, 'exit')]);
  assert.deepEqual(changes, [['fred']]);
});

test('a broken user file stops the start and is not overwritten', async (t) => {
  const folder = newFolder(t);
  const path = join(folder, 'users.json');
  const good = formatStore({ users: new Map([['fred', userNamed('fred')]]), removed: new Set() });
  const { store, problems } = openStore(t, folder);
  await store.update(withUser('bob'));
  for (const text of [
    '',
    '{',
    '[]',
    good.slice(0, -10),
    good.replace('"read":true', '"read":1'),
    good.replace('1', '2'),
  ]) {
    writeFileSync(path, text);
    store.refresh();
    assert.throws(() => openStore(t, folder), { code: 'ACCOUNTS_STORE_BROKEN' }, text);
    await assert.rejects(store.update(withUser('eve')), { code: 'ACCOUNTS_STORE_BROKEN' });
    assert.equal(readFileSync(path, 'utf8'), text);
  }
  assert.ok(problems.length > 0);
  assert.deepEqual([...store.state.users.keys()], ['bob'], 'the last good state is kept');
  writeFileSync(path, good);
  store.refresh();
  assert.deepEqual([...store.state.users.keys()], ['fred']);
});

/** The codes of the errors of an update and of a start. Undefined without an error. */
async function errorsOf(t: TestContext, folder: string, store: FileUserStore): Promise<unknown[]> {
  const codeOf = (error: unknown) => (error as { code: unknown }).code;
  const ofUpdate = await store.update(withUser('eve')).then(() => undefined, codeOf);
  try {
    openStore(t, folder);
  } catch (error) {
    return [ofUpdate, codeOf(error)];
  }
  return [ofUpdate, undefined];
}

test('while the user file is broken, it is read once, and one problem is reported', async (t) => {
  const folder = newFolder(t);
  const { store, problems, recoveries } = openStore(t, folder);
  await store.update(withUser('fred'));
  const path = join(folder, 'users.json');
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, '{');
  for (let i = 0; i < 20; i++) store.refresh();
  const errors = await Promise.all(
    [1, 2].map(() => store.update(withUser('eve')).catch((error: unknown) => error)),
  );
  assert.equal(problems.length, 1);
  for (const error of errors)
    assert.equal(error, problems[0], 'an error of a second reading would be another one');
  writeFileSync(path, '[]');
  for (let i = 0; i < 20; i++) store.refresh();
  assert.equal(problems.length, 2, 'another fault is another state');
  assert.equal(recoveries(), 0);
  writeFileSync(path, good);
  for (let i = 0; i < 20; i++) store.refresh();
  assert.equal(recoveries(), 1);
  await store.update(withUser('eve'));
  assert.deepEqual([...store.state.users.keys()], ['fred', 'eve']);
});

test('a user file that is too large or no regular file is broken, and is not read', async (t) => {
  const folder = newFolder(t);
  const { store, problems } = openStore(t, folder);
  await store.update(withUser('fred'));
  const path = join(folder, 'users.json');
  truncateSync(path, 400_000_000);
  assert.deepEqual(await errorsOf(t, folder, store), ['ACCOUNTS_STORE_BROKEN', 'ACCOUNTS_STORE_BROKEN']);
  truncateSync(path, 500_000_000);
  store.refresh();
  assert.equal(problems.length, 1, 'a file that grows is one state');
  unlinkSync(path);
  execFileSync('mkfifo', ['-m', '600', path]);
  assert.deepEqual(await errorsOf(t, folder, store), ['ACCOUNTS_STORE_BROKEN', 'ACCOUNTS_STORE_BROKEN']);
  assert.deepEqual([...store.state.users.keys()], ['fred']);
});

test('a store is not written beyond the size that can be read', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  await store.update(withUser('fred'));
  const tooMany = store.update((state) => ({ ...state, removed: new Set(['x'.repeat(8 * 1024 * 1024)]) }));
  await assert.rejects(tooMany, { code: 'ACCOUNTS_STORE_FULL' });
  assert.deepEqual([...openStore(t, folder).store.state.users.keys()], ['fred']);
  await store.update(withUser('eve'));
});

test('a user file that every user may write is not used until its permissions are corrected', async (t) => {
  const folder = newFolder(t);
  const { store, problems, recoveries } = openStore(t, folder);
  await store.update(withUser('fred'));
  const path = join(folder, 'users.json');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('fred', 'mallory'));
  chmodSync(path, 0o666);
  store.refresh();
  assert.deepEqual(await errorsOf(t, folder, store), ['ACCOUNTS_STORE_UNSAFE', 'ACCOUNTS_STORE_UNSAFE']);
  assert.equal((problems.at(-1) as { code: string }).code, 'ACCOUNTS_STORE_UNSAFE');
  chmodSync(path, 0o600);
  store.refresh();
  assert.equal(recoveries(), 1);
  assert.deepEqual([...store.state.users.keys()], ['mallory']);
});

test('a user file that other users may read is used, and warned about once', async (t) => {
  const folder = newFolder(t);
  const first = openStore(t, folder);
  await first.store.update(withUser('fred'));
  const path = join(folder, 'users.json');
  chmodSync(path, 0o644);
  const { store, warnings } = openStore(t, folder);
  assert.deepEqual([...store.state.users.keys()], ['fred']);
  utimesSync(path, 0, 0);
  store.refresh();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /users\.json can be read by other users/);
});

test('a user file of another user is not used', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  await store.update(withUser('fred'));
  const path = join(folder, 'users.json');
  chownSync(path, 65534, 65534);
  assert.deepEqual(await errorsOf(t, folder, store), ['ACCOUNTS_STORE_UNSAFE', 'ACCOUNTS_STORE_UNSAFE']);
  chownSync(folder, 65534, 65534);
  assert.match(
    openStore(t, folder).warnings.join(),
    /users\.json belongs to user 65534/,
    'root may work for a user',
  );
});

test('a change is noticed without a call where the system gives no notice of it', async (t) => {
  const folder = newFolder(t);
  const { store, nextNotice, changes } = openStore(t, folder);
  await store.update(withUser('fred'));
  // The system's watch follows the former folder.
  renameSync(folder, `${folder}.former`);
  cpSync(`${folder}.former`, folder, { recursive: true });
  const noticed = nextNotice();
  const writer = inProcess(folder, `await store.update(withUser('bob'));`);
  assert.deepEqual(await once(writer, 'exit'), [0, null]);
  await noticed;
  while (!changes.at(-1)?.includes('bob')) await nextNotice();
});

test('an aborted update and an update that throws change nothing', async (t) => {
  const folder = newFolder(t);
  const { store, changes } = openStore(t, folder);
  await store.update(withUser('fred'));
  const abort = new AbortController();
  const aborted = store.update((state) => {
    abort.abort(new Error('gone'));
    return withUser('bob')(state);
  }, abort.signal);
  await assert.rejects(aborted, /gone/);
  const thrown = store.update(() => {
    throw new RangeError('no');
  });
  await assert.rejects(thrown, { code: 'ACCOUNTS_STORE_UNWRITABLE' });
  assert.deepEqual(changes, [['fred']]);
  assert.deepEqual([...openStore(t, folder).store.state.users.keys()], ['fred']);
});

test('a writer that waits for the lock gets it afterwards, or can stop waiting', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  await store.update(withUser('fred'));
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const holding = withStoreLock(join(folder, 'users.json.lock'), () => released);
  await assert.rejects(store.update(withUser('late'), AbortSignal.timeout(50)), { name: 'TimeoutError' });
  const waiting = store.update(withUser('bob'));
  release();
  await Promise.all([holding, waiting]);
  assert.deepEqual([...store.state.users.keys()], ['fred', 'bob']);
});

test('root leaves the user file and its lock to the user whose folder it is', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
  const folder = newFolder(t);
  mkdirSync(folder);
  chownSync(folder, 65534, 65534);
  await openStore(t, folder).store.update(withUser('fred'));
  assert.deepEqual(
    readdirSync(folder).map((name) => [name, statSync(join(folder, name)).uid]),
    [
      ['users.json', 65534],
      ['users.json.lock', 65534],
    ],
  );
});

test('a FIFO or a link in the place of the lock is not opened', async (t) => {
  const folder = newFolder(t);
  const { store } = openStore(t, folder);
  const lock = join(folder, 'users.json.lock');
  execFileSync('mkfifo', [lock]);
  await assert.rejects(store.update(withUser('fred')), { code: 'ACCOUNTS_STORE_UNWRITABLE' });
  unlinkSync(lock);
  symlinkSync(join(folder, 'made'), lock);
  await assert.rejects(store.update(withUser('fred')), { code: 'ACCOUNTS_STORE_UNWRITABLE' });
  assert.deepEqual(readdirSync(folder), ['users.json.lock']);
  unlinkSync(lock);
  await store.update(withUser('fred'));
});

test('a folder that cannot be created or written is an error with a code', async (t) => {
  const folder = newFolder(t);
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => openStore(t, join(folder, 'file', 'data')), { code: 'ACCOUNTS_STORE_UNWRITABLE' });

  if (process.getuid?.() === 0) return; // Root may write anywhere.
  const { store } = openStore(t, folder);
  chmodSync(folder, 0o500);
  await assert.rejects(store.update(withUser('fred')), { code: 'ACCOUNTS_STORE_UNWRITABLE' });
  chmodSync(folder, 0o700);
});

test('a closed store does not write', async (t) => {
  const { store } = openStore(t, newFolder(t));
  await store.close();
  await assert.rejects(store.update(withUser('fred')), { code: 'ACCOUNTS_CLOSED' });
});
