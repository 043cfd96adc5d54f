import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AccountsError } from './errors.ts';
import { openAccounts } from './file-accounts.ts';
import { FileTokens, MAX_TOKEN_LIFE_S, MAX_TOKENS_PER_USER } from './file-tokens.ts';
import type { HashCost } from './password-hash.ts';
import { MAX_TOKEN_NAME_LENGTH, MAX_TOKENS } from './token-file.ts';
import type { TokenChange, TokenRequest } from './tokens.ts';

const CHEAP: HashCost = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 };
const DAY_S = 24 * 60 * 60;

const REQUEST: TokenRequest = { name: 'ci', user: 'ada', scopes: ['stats'], expiresS: DAY_S };

async function setUp(t: TestContext, nowMs = () => Date.now()) {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-tokens-'));
  const accounts = await openAccounts({ folder, cost: CHEAP });
  const rights = { read: true, write: true, owner: true };
  const add = (name: string) => ({ kind: 'create', name, password: 'x', rights, overwrite: true }) as const;
  await accounts.apply([add('ada'), add('bob')]);
  const opened: FileTokens[] = [];
  const open = (): FileTokens => {
    const tokens = new FileTokens({ folder, accounts, nowMs });
    opened.push(tokens);
    return tokens;
  };
  t.after(async () => {
    for (const tokens of opened) await tokens.close();
    await accounts.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, file: join(folder, 'tokens.json'), accounts, open, add };
}

const refused = (code: string) => (error: AccountsError) => {
  assert.equal(error.code, code);
  return true;
};

function changesOf(tokens: FileTokens): string[] {
  const seen: string[] = [];
  tokens.on('changed', (changes: TokenChange[]) => {
    seen.push(...changes.map(({ kind, token }) => `${kind} ${token.name}`));
  });
  return seen;
}

test('a token lets its user in with the rights that its scopes leave, until it is revoked', async (t) => {
  const { open } = await setUp(t);
  const tokens = open();
  const seen = changesOf(tokens);
  for (const [scopes, read, write] of [
    [['stats'], false, false],
    [['view'], true, false],
    [['control'], true, true],
    [['admin'], true, true],
  ] as const) {
    const { text } = await tokens.create({ ...REQUEST, scopes });
    assert.deepEqual(tokens.passOf(text)?.user(), { name: 'ada', read, write, owner: true }, scopes[0]);
  }
  const { text, token } = await tokens.create({ ...REQUEST, name: 'last' });
  const pass = tokens.passOf(text)!;
  assert.ok(pass.allows('stats') && !pass.allows('users'));
  await tokens.revoke(token.id);
  assert.equal(pass.user(), undefined);
  assert.equal(tokens.passOf(text), undefined);
  assert.deepEqual(seen.slice(-2), ['made last', 'ended last']);
  await assert.rejects(tokens.revoke(token.id), refused('ACCOUNTS_NO_SUCH_TOKEN'));
});

test('the id of a token with another secret lets no one in', async (t) => {
  const { open } = await setUp(t);
  const tokens = open();
  const [one, other] = [await tokens.create(REQUEST), await tokens.create(REQUEST)];
  assert.equal(tokens.passOf(`${one.text.slice(0, -43)}${other.text.slice(-43)}`), undefined);
  assert.ok(tokens.passOf(one.text));
});

test('a token has the rights that its user has now, and ends with the user or with the password', async (t) => {
  const { accounts, open, add } = await setUp(t);
  const tokens = open();
  const seen = changesOf(tokens);
  const make = async (name: string) => {
    const { text } = await tokens.create({ ...REQUEST, name, scopes: ['control'] });
    return tokens.passOf(text)!;
  };
  const first = await make('first');
  await accounts.apply([{ kind: 'update', name: 'ada', rights: { write: false } }]);
  assert.equal(first.user()?.write, false);
  assert.equal(first.user()?.read, true);
  await accounts.apply([{ kind: 'update', name: 'ada', rights: { owner: false } }]);
  assert.equal(first.user()?.owner, false);
  await accounts.apply([{ kind: 'update', name: 'ada', password: 'y', rights: {} }]);
  assert.equal(first.user(), undefined, 'after another password');
  const second = await make('second');
  await accounts.apply([{ kind: 'remove', name: 'ada' }]);
  assert.equal(second.user(), undefined, 'after the user was removed');
  await accounts.apply([add('ada')]);
  assert.equal(second.user(), undefined, 'of a user who was created again');
  assert.deepEqual(seen, ['made first', 'ended first', 'made second', 'ended second']);
});

test('two stores of one folder know each other’s tokens and revocations at once', async (t) => {
  const { open } = await setUp(t);
  const [one, other] = [open(), open()];
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 ? one : other).create({ ...REQUEST, name: `token ${i}` })),
  );
  assert.equal(one.list().length, 12);
  for (const { text } of made) assert.ok(one.passOf(text) && other.passOf(text));
  const pass = other.passOf(made[0]!.text);
  await one.revoke(made[0]!.token.id);
  assert.equal(other.passOf(made[0]!.text), undefined);
  assert.equal(pass?.user(), undefined);
});

test('a token expires when its time has come, and then makes room', async (t) => {
  const clock = { ms: 1_000_000 };
  const { open, file } = await setUp(t, () => clock.ms);
  const tokens = open();
  const { text, token } = await tokens.create({ ...REQUEST, expiresS: 60 });
  clock.ms += 59_999;
  const pass = tokens.passOf(text);
  assert.ok(pass);
  clock.ms += 1;
  assert.equal(tokens.passOf(text), undefined);
  assert.equal(pass.user(), undefined);
  assert.deepEqual(tokens.list(), []);
  await tokens.create({ ...REQUEST, name: 'next' });
  assert.ok(!readFileSync(file, 'utf8').includes(token.id));
});

test('the end of a token by its expiry is told without anyone asking', async (t) => {
  const { open } = await setUp(t);
  const tokens = open();
  await tokens.create({ ...REQUEST, expiresS: 1 });
  // The store's own timer does not keep a process alive.
  const alive = setInterval(() => {}, 1000);
  const [changes] = await new Promise<[TokenChange[]]>((done) =>
    tokens.once('changed', (...got) => done(got)),
  );
  clearInterval(alive);
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['ended'],
  );
});

test('the last use of a token is listed, and is kept when the store is opened again', async (t) => {
  const clock = { ms: 10 * 60_000 + 5 };
  const { open } = await setUp(t, () => clock.ms);
  const tokens = open();
  const { text } = await tokens.create(REQUEST);
  assert.equal(tokens.list()[0]?.usedMs, undefined);
  tokens.passOf(text);
  assert.equal(tokens.list()[0]?.usedMs, clock.ms);
  await tokens.close();
  assert.equal(open().list()[0]?.usedMs, 10 * 60_000);
});

test('the file has the digest of a token, never the token, and only its owner may read it', async (t) => {
  const { open, file } = await setUp(t);
  const { text, token } = await open().create(REQUEST);
  const kept = readFileSync(file, 'utf8');
  assert.ok(kept.includes(token.id) && !kept.includes(text.slice(-43)));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a token file that is damaged, or that others may write, is not used and stays as it is', async (t) => {
  const { open, file } = await setUp(t);
  const tokens = open();
  const { text } = await tokens.create(REQUEST);
  const good = readFileSync(file, 'utf8');
  for (const bad of [
    '{',
    '{}',
    good.replace('"stats"', '"other"'),
    good.replace('"version": 1', '"version": 2'),
  ]) {
    writeFileSync(file, bad);
    assert.throws(open, refused('ACCOUNTS_STORE_BROKEN'), bad.slice(0, 40));
    assert.equal(readFileSync(file, 'utf8'), bad);
    assert.ok(tokens.passOf(text), 'a running server keeps the last good state');
  }
  writeFileSync(file, good);
  chmodSync(file, 0o666);
  assert.throws(open, refused('ACCOUNTS_STORE_UNSAFE'));
});

test('names, scopes and lives of tokens have limits', async (t) => {
  const { open } = await setUp(t);
  const tokens = open();
  const longest = '🙂'.repeat(MAX_TOKEN_NAME_LENGTH);
  await tokens.create({ ...REQUEST, name: longest, expiresS: MAX_TOKEN_LIFE_S });
  await tokens.create({ ...REQUEST, expiresS: 1 });
  for (const [change, code] of [
    [{ name: `${longest}x` }, 'ACCOUNTS_TOKEN_NAME_INVALID'],
    [{ name: '' }, 'ACCOUNTS_TOKEN_NAME_INVALID'],
    [{ name: 'a\nb' }, 'ACCOUNTS_TOKEN_NAME_INVALID'],
    [{ scopes: [] }, 'ACCOUNTS_TOKEN_SCOPES_MISSING'],
    [{ expiresS: MAX_TOKEN_LIFE_S + 1 }, 'ACCOUNTS_TOKEN_LIFE_INVALID'],
    [{ expiresS: 0 }, 'ACCOUNTS_TOKEN_LIFE_INVALID'],
    [{ user: 'nobody' }, 'ACCOUNTS_NO_SUCH_USER'],
  ] as const)
    await assert.rejects(tokens.create({ ...REQUEST, ...change }), refused(code), JSON.stringify(change));
});

test('a user has at most 100 tokens, and all users together 1,000; a revoked one makes room', async (t) => {
  const { accounts, open, file, add } = await setUp(t);
  const tokens = open();
  const { token } = await tokens.create(REQUEST);
  const [line = ''] = readFileSync(file, 'utf8')
    .split('\n')
    .filter((one) => one.includes(token.id));
  const users = Array.from({ length: MAX_TOKENS / MAX_TOKENS_PER_USER }, (_, i) => `user${i}`);
  await accounts.apply(users.map(add));
  const fill = (counts: readonly (readonly [string, number])[]): void => {
    const all = counts.flatMap(([user, count]) =>
      Array.from({ length: count }, () => {
        const id = Math.random().toString(16).slice(2).padEnd(16, '0').slice(0, 16);
        const passwordId = accounts.passwordIdOf(user);
        return JSON.stringify({ ...JSON.parse(line.replace(/,$/, '')), id, user, passwordId });
      }),
    );
    writeFileSync(file, `{"version":1,"tokens":[${all.join(',\n')}]}`);
  };
  fill([['ada', MAX_TOKENS_PER_USER]]);
  await assert.rejects(tokens.create(REQUEST), refused('ACCOUNTS_USER_TOKENS_FULL'));
  await tokens.create({ ...REQUEST, user: 'bob' });
  await tokens.revoke(tokens.list()[0]!.id);
  await tokens.create(REQUEST);
  fill(users.map((user) => [user, MAX_TOKENS_PER_USER] as const));
  assert.equal(tokens.list().length, MAX_TOKENS);
  await assert.rejects(tokens.create(REQUEST), refused('ACCOUNTS_TOKENS_FULL'));
});

test('one who is no longer an owner can neither make nor revoke a token', async (t) => {
  const { accounts, open } = await setUp(t);
  const tokens = open();
  const bob = accounts.get('bob')!;
  const { token } = await tokens.create(REQUEST, bob);
  await accounts.apply([{ kind: 'update', name: 'bob', rights: { owner: false } }]);
  await assert.rejects(tokens.create(REQUEST, bob), refused('ACCOUNTS_CALLER_CHANGED'));
  await assert.rejects(tokens.revoke(token.id, bob), refused('ACCOUNTS_CALLER_CHANGED'));
});
