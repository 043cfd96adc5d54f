import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Accounts } from './accounts.ts';
import { AccountsError } from './errors.ts';
import { type AccountsOptions, openAccounts } from './file-accounts.ts';
import { ensureOwner } from './first-owner.ts';
import { sha256Crypt } from './sha256-crypt.ts';
import { formatStore, parseStore } from './store-file.ts';
import { withStoreLock } from './store-lock.ts';
import type { StoredUser } from './store-state.ts';
import type { UserChange, UserChanged } from './user.ts';

const CHEAP = { algorithm: 'argon2id', memoryKiB: 8, passes: 1, lanes: 1 } as const;
/** A cost of about 3 ms, which is long enough to be interrupted. */
const SLOWER = { algorithm: 'argon2id', memoryKiB: 2048, passes: 2, lanes: 1 } as const;

/** Accounts that the running test has opened. */
const opened: Accounts[] = [];

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-accounts-'));
  // Closes the accounts first, because after a login they may still write a new hash.
  t.after(async () => {
    await Promise.all(opened.splice(0).map((accounts) => accounts.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

async function open(t: TestContext, options: Partial<AccountsOptions> = {}) {
  const folder = options.folder ?? newFolder(t);
  const accounts = await openAccounts({
    cost: CHEAP,
    onProblem: (problem) => assert.fail(String(problem)),
    ...options,
    folder,
  });
  opened.push(accounts);
  const heard: UserChanged[][] = [];
  accounts.on('changed', (changes) => heard.push(changes));
  return { accounts, folder, heard, text: () => readFileSync(join(folder, 'users.json'), 'utf8') };
}

const create = (name: string, letters = '', password = `password of ${name}`): UserChange => ({
  kind: 'create',
  name,
  password,
  rights: { read: letters.includes('r'), write: letters.includes('w'), owner: letters.includes('o') },
  overwrite: false,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => create(`user${index}`));

/** Waits until the hash in the file is no longer `hash`. The accounts replace it after the login. */
async function untilRenewed(text: () => string, hash: string): Promise<void> {
  while (text().includes(hash)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('the right password verifies, and wrong passwords and unknown names do not', async (t) => {
  const { accounts, text } = await open(t);
  await accounts.apply([create('fred', 'rw'), create('__proto__', 'r'), create('constructor')]);
  const fred = { name: 'fred', read: true, write: true, owner: false };
  assert.deepEqual(await accounts.verify('fred', 'password of fred'), fred);
  assert.equal((await accounts.verify('__proto__', 'password of __proto__'))?.name, '__proto__');
  for (const [name, password] of [
    ['fred', 'x'],
    ['nobody', 'x'],
    ['toString', ''],
    ['fred', 'x'.repeat(5000)],
  ] as const)
    assert.equal(await accounts.verify(name, password), undefined);
  assert.deepEqual(
    accounts.list().map(({ name }) => name),
    ['fred', '__proto__', 'constructor'],
  );
  assert.deepEqual(accounts.get('fred'), fred);
  assert.equal(accounts.get('toString'), undefined);
  assert.doesNotMatch(text(), /password of/);
});

test('a verified login is remembered until the password changes or the user is removed', async (t) => {
  const { accounts } = await open(t);
  await accounts.apply([create('fred')]);
  assert.equal(accounts.verifiedBefore('fred', 'password of fred'), undefined);
  await accounts.verify('fred', 'password of fred');
  await accounts.verify('fred', 'wrong');
  assert.equal(accounts.verifiedBefore('fred', 'password of fred')?.name, 'fred');
  assert.equal(accounts.verifiedBefore('fred', 'wrong'), undefined);
  await accounts.apply([{ kind: 'update', name: 'fred', password: 'new', rights: {} }]);
  assert.equal(accounts.verifiedBefore('fred', 'password of fred'), undefined);
  assert.equal(await accounts.verify('fred', 'password of fred'), undefined);
  assert.equal((await accounts.verify('fred', 'new'))?.name, 'fred');
  await accounts.apply([{ kind: 'remove', name: 'fred' }]);
  assert.equal(await accounts.verify('fred', 'new'), undefined);
});

test('a login takes as long with an unknown name, a known name and the name of an imported user', async (t) => {
  const folder = newFolder(t);
  const kasmPasswordFile = join(folder, 'kasmpasswd');
  writeFileSync(kasmPasswordFile, `imported:${sha256Crypt('secret', '$5$kasm$')}:rw\n`);
  const { accounts } = await open(t, { folder, kasmPasswordFile, cost: SLOWER });
  await accounts.apply([create('fred')]);
  const times: Record<string, number[]> = { fred: [], nobody: [], imported: [] };
  // In turn, and by the median, so that other work on the machine affects all.
  for (let i = 0; i < 21; i++) {
    for (const [name, all] of Object.entries(times)) {
      const start = performance.now();
      await accounts.verify(name, `wrong ${i}`);
      all.push(performance.now() - start);
    }
  }
  const mediansMs = Object.values(times).map((all) => all.toSorted((a, b) => a - b)[10]!);
  const ratio = Math.max(...mediansMs) / Math.min(...mediansMs);
  assert.ok(ratio < 2, `medians ${mediansMs.map((ms) => ms.toFixed(1))} ms`);
});

test('listeners hear of each kind of change to a user', async (t) => {
  const { accounts, heard } = await open(t);
  await accounts.apply([create('boss', 'rwo'), create('fred', 'rw')]);
  heard.length = 0;
  await accounts.apply([
    { kind: 'update', name: 'fred', rights: { write: false } },
    { kind: 'update', name: 'boss', rights: {}, password: 'new' },
  ]);
  await accounts.apply([{ kind: 'remove', name: 'fred' }]);
  await accounts.apply([{ kind: 'update', name: 'boss', rights: { owner: true } }]);
  assert.deepEqual(heard, [
    [
      { name: 'boss', user: { name: 'boss', read: true, write: true, owner: true }, passwordChanged: true },
      {
        name: 'fred',
        user: { name: 'fred', read: true, write: false, owner: false },
        passwordChanged: false,
      },
    ],
    [{ name: 'fred', user: undefined, passwordChanged: false }],
  ]);
});

test('a list of 200 changes with one invalid change changes nothing', async (t) => {
  const { accounts, heard, text } = await open(t);
  await accounts.apply([create('boss', 'o')]);
  const before = text();
  heard.length = 0;
  const changes = many(200).with(120, create('bad\nname'));
  await assert.rejects(accounts.apply(changes), (error) => {
    assert.ok(error instanceof AccountsError);
    assert.equal(error.code, 'ACCOUNTS_NAME_INVALID');
    assert.deepEqual(
      error.errors.map(({ index, user, code }) => [index, user, code]),
      [[120, 'bad\nname', 'ACCOUNTS_NAME_INVALID']],
    );
    return true;
  });
  const twoBad = changes.with(3, { kind: 'remove', name: 'nobody' });
  await assert.rejects(accounts.apply(twoBad), { code: 'ACCOUNTS_CHANGES_REFUSED' });
  assert.equal(text(), before);
  assert.deepEqual(heard, []);
  await accounts.apply(many(200));
  assert.equal(accounts.list().length, 201);
  assert.equal(heard.length, 1, 'one write');
});

test('an aborted bulk call changes nothing and frees the hashing thread', async (t) => {
  const { accounts, text } = await open(t, { cost: SLOWER });
  await accounts.apply([create('boss', 'o')]);
  const before = text();
  const abort = new AbortController();
  const bulk = accounts.apply(many(1000), abort.signal);
  await accounts.verify('boss', 'wrong');
  abort.abort();
  await assert.rejects(bulk, { name: 'AbortError' });
  await assert.rejects(accounts.apply(many(1), abort.signal), { name: 'AbortError' });
  assert.equal(text(), before);
  await accounts.apply([create('fred')]);
  assert.equal(accounts.list().length, 2);
});

test('a list is refused under the lock if its caller has changed since it was accepted', async (t) => {
  for (const [what, change, isRefused] of [
    ['removed', () => undefined, true],
    ['no longer an owner', (boss: StoredUser) => ({ ...boss, owner: false }), true],
    ['with a new password', (boss: StoredUser) => ({ ...boss, passwordId: 'new' }), true],
    ['without write', (boss: StoredUser) => ({ ...boss, write: false }), false],
  ] as const) {
    const { accounts, folder, text } = await open(t);
    await accounts.apply([create('boss', 'rwo'), create('other', 'o')]);
    const boss = accounts.get('boss')!;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const holding = withStoreLock(join(folder, 'users.json.lock'), () => released);
    const again = { ...create('boss', 'rwo'), overwrite: true } as UserChange;
    const list = accounts.apply([again, ...many(3)], undefined, boss);
    const state = parseStore(text(), folder);
    const changed = change(state.users.get('boss')!);
    const users = new Map(state.users);
    if (changed === undefined) users.delete('boss');
    else users.set('boss', changed);
    const before = formatStore({ ...state, users });
    writeFileSync(join(folder, 'users.json'), before);
    release();
    await holding;
    if (isRefused) {
      await assert.rejects(list, { code: 'ACCOUNTS_CALLER_CHANGED' }, what);
      assert.equal(text(), before, what);
      await assert.rejects(accounts.apply(many(1), undefined, boss), { code: 'ACCOUNTS_CALLER_CHANGED' });
    } else {
      await list;
      assert.equal(accounts.list().length, 5, what);
    }
  }
});

test('an owner who was removed and created again is another one', async (t) => {
  const { accounts } = await open(t);
  await accounts.apply([create('boss', 'rwo'), create('other', 'o')]);
  const boss = (await accounts.verify('boss', 'password of boss'))!;
  assert.equal(accounts.isStillOwner(boss), true);
  await accounts.apply([create('fred')], undefined, boss);
  await accounts.apply([{ kind: 'remove', name: 'boss' }]);
  await accounts.apply([create('boss', 'rwo')]);
  assert.equal(accounts.isStillOwner(boss), false);
  assert.equal(accounts.isStillOwner(accounts.verifiedBefore('boss', 'password of boss') ?? boss), false);
  assert.equal(accounts.isStillOwner(accounts.get('boss')!), true);
});

test('a login is hashed before the passwords of a bulk call', async (t) => {
  const { accounts } = await open(t, { cost: SLOWER });
  await accounts.apply([create('fred')]);
  let isDone = false;
  const bulk = accounts.apply(many(300)).then(() => {
    isDone = true;
  });
  for (let i = 0; i < 5; i++) await accounts.verify('fred', `wrong ${i}`);
  assert.equal(isDone, false);
  await bulk;
});

test('a new password is hashed before the rest of a bulk call', async (t) => {
  const { accounts } = await open(t, { cost: SLOWER });
  await accounts.apply([create('fred')]);
  let isDone = false;
  const bulk = accounts.apply(many(300)).then(() => {
    isDone = true;
  });
  for (let i = 0; i < 5; i++) {
    await accounts.apply([{ kind: 'update', name: 'fred', password: `new ${i}`, rights: {} }]);
  }
  assert.equal(isDone, false);
  await bulk;
});

test('a caller that aborts a login does not abort the same login of another caller', async (t) => {
  const { accounts } = await open(t, { cost: SLOWER });
  await accounts.apply([create('fred')]);
  const abort = new AbortController();
  const leaving = accounts.verify('fred', 'password of fred', abort.signal);
  const staying = accounts.verify('fred', 'password of fred');
  abort.abort();
  await assert.rejects(leaving, { name: 'AbortError' });
  assert.equal((await staying)?.name, 'fred');
});

test('logins beyond the limit of waiting ones are refused', async (t) => {
  const { accounts } = await open(t);
  await accounts.apply([create('fred')]);
  const logins = Array.from({ length: 400 }, (_, index) => accounts.verify('fred', `guess ${index}`));
  const results = await Promise.allSettled(logins);
  const refused = results.filter(({ status }) => status === 'rejected');
  assert.ok(refused.length > 100);
  for (const result of refused)
    assert.equal(result.status === 'rejected' && result.reason.code, 'ACCOUNTS_BUSY');
  assert.equal((await accounts.verify('fred', 'password of fred'))?.name, 'fred');
});

test('a change by one process is reported to the listeners of another', async (t) => {
  const { accounts, folder } = await open(t);
  const { accounts: other } = await open(t, { folder });
  const heard = once(other, 'changed');
  await accounts.apply([create('fred', 'r')]);
  const fred = { name: 'fred', read: true, write: false, owner: false };
  assert.deepEqual(await heard, [[{ name: 'fred', user: fred, isNew: true, passwordChanged: true }]]);
});

test('users of a KasmVNC file are imported once, and get a strong hash at their first login', async (t) => {
  const folder = newFolder(t);
  const kasmPasswordFile = join(folder, 'kasmpasswd');
  const weak = sha256Crypt('secret', '$5$kasm$');
  writeFileSync(kasmPasswordFile, `kasm_user:${weak}:rwo\nfred:${weak}:r\n`);
  const first = await open(t, { folder, kasmPasswordFile });
  assert.deepEqual(first.accounts.list(), [
    { name: 'kasm_user', read: true, write: true, owner: true },
    { name: 'fred', read: true, write: false, owner: false },
  ]);
  const { accounts: other, heard: heardByOther } = await open(t, { folder });

  await first.accounts.apply([{ kind: 'remove', name: 'fred' }]);
  assert.equal(await first.accounts.verify('kasm_user', 'wrong'), undefined);
  assert.ok(first.text().includes(weak));
  assert.equal((await first.accounts.verify('kasm_user', 'secret'))?.owner, true);
  await untilRenewed(first.text, weak);
  assert.match(first.text(), /"kasm_user".*\$argon2id\$/);
  assert.equal((await other.verify('kasm_user', 'secret'))?.owner, true);
  assert.deepEqual(
    heardByOther.flat().filter(({ name }) => name === 'kasm_user'),
    [],
    'the password is the same',
  );
  await first.accounts.close();

  const again = await open(t, { folder, kasmPasswordFile });
  assert.deepEqual(
    again.accounts.list().map(({ name }) => name),
    ['kasm_user'],
    'who was removed stays away',
  );
  assert.equal(readFileSync(kasmPasswordFile, 'utf8').split('\n').length, 3, 'the file is only read');
});

test('a hash of another cost is replaced at the next login', async (t) => {
  const { accounts, folder, text } = await open(t);
  await accounts.apply([create('fred')]);
  const { accounts: stronger } = await open(t, { folder, cost: SLOWER });
  assert.equal((await stronger.verify('fred', 'password of fred'))?.name, 'fred');
  await untilRenewed(text, 'm=8,');
  assert.match(text(), /m=2048,t=2/);
  assert.equal((await accounts.verify('fred', 'password of fred'))?.name, 'fred');
});

test('a hash that cannot be replaced is not made anew by each login', async (t) => {
  const { accounts, folder } = await open(t);
  await accounts.apply([create('fred')]);
  const { promise: reported, resolve } = Promise.withResolvers<unknown>();
  let problems = 0;
  const onProblem = (problem: unknown): void => {
    problems++;
    resolve(problem);
  };
  const { accounts: stronger } = await open(t, { folder, cost: SLOWER, onProblem });
  // A folder in the place of the lock: nothing can be written.
  rmSync(join(folder, 'users.json.lock'));
  mkdirSync(join(folder, 'users.json.lock'));
  for (let i = 0; i < 5; i++) {
    assert.equal((await stronger.verify('fred', 'password of fred'))?.name, 'fred');
    assert.equal(((await reported) as AccountsError).code, 'ACCOUNTS_STORE_UNWRITABLE');
  }
  await stronger.close();
  assert.equal(problems, 1);
});

test('the first owner is created once', async (t) => {
  const { accounts } = await open(t);
  const made = await ensureOwner(accounts, { name: undefined, password: undefined });
  assert.equal(made?.name, 'owner');
  assert.match(made?.password ?? '', /^[a-km-zA-HJ-NP-Z2-9]{20}$/);
  assert.equal((await accounts.verify('owner', made?.password ?? ''))?.owner, true);
  assert.equal(await ensureOwner(accounts, { name: 'other', password: 'x' }), undefined);
});

test('the first owner may have a given password, and may be an existing user', async (t) => {
  const { accounts } = await open(t);
  await accounts.apply([create('fred', 'r')]);
  assert.deepEqual(await ensureOwner(accounts, { name: 'fred', password: 'x' }), {
    name: 'fred',
    password: undefined,
  });
  assert.deepEqual(await accounts.verify('fred', 'x'), {
    name: 'fred',
    read: true,
    write: true,
    owner: true,
  });
  const bad = ensureOwner((await open(t)).accounts, { name: 'a:b', password: 'x' });
  await assert.rejects(bad, { code: 'ACCOUNTS_NAME_INVALID' });
});

test('two servers that start on one folder create one owner', async (t) => {
  const { accounts: a, folder } = await open(t);
  const { accounts: b } = await open(t, { folder });
  const made = await Promise.all(
    [a, b].map((one: Accounts) => ensureOwner(one, { name: undefined, password: undefined })),
  );
  assert.equal(made.filter((owner) => owner !== undefined).length, 1);
  const [owner] = made.filter((one) => one !== undefined);
  assert.equal((await a.verify('owner', owner?.password ?? ''))?.owner, true);
});

test('close rejects what is waiting, and may be called twice', async (t) => {
  const { accounts, text } = await open(t, { cost: SLOWER });
  await accounts.apply([create('fred')]);
  const before = text();
  const bulk = assert.rejects(accounts.apply(many(100)), { code: 'ACCOUNTS_CLOSED' });
  const login = assert.rejects(accounts.verify('fred', 'x'), { code: 'ACCOUNTS_CLOSED' });
  await accounts.close();
  await Promise.all([bulk, login, accounts.close()]);
  assert.equal(text(), before);
});
