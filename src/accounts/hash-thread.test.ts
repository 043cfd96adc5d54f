import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTicker } from '../../test/support/manual-ticker.ts';
import { TroubledScript } from '../../test/support/troubled-script.ts';
import { HashThread } from './hash-thread.ts';
import { decoyHash, type HashCost } from './password-hash.ts';

const CHEAP: HashCost = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 };
/** Longer than a thread may take to start. */
const LONG_MS = 20_000;

const troubled = (): TroubledScript =>
  new TroubledScript(
    new URL('./hash.worker.ts', import.meta.url),
    `({ password }) => ['exit', 'loop'].find((kind) => kind === password)`,
  );

test('a hash thread that ends in the middle of a job fails that job, and does the next ones', async () => {
  using script = troubled();
  const thread = new HashThread({ script: script.url });
  const lost = thread.hash('exit', CHEAP);
  const next = thread.verify('x', decoyHash(CHEAP));
  await assert.rejects(lost, { code: 'ACCOUNTS_HASH_FAILED' });
  assert.equal(await next, false);
  await thread.close();
});

test('a hash thread that hangs in a job is replaced, and does the next jobs', async () => {
  using script = troubled();
  const time = new ManualTicker();
  const thread = new HashThread({ script: script.url, ticker: time.ticker });
  const lost = thread.hash('loop', CHEAP);
  const next = thread.hash('x', CHEAP);
  for (const threads of [1, 2]) {
    await script.untilHung(threads);
    time.pass(LONG_MS);
  }
  await assert.rejects(lost, { code: 'ACCOUNTS_HASH_FAILED' });
  assert.match(await next, /^\$scrypt\$/);
  await thread.close();
});

test('a hash thread that hangs can be closed', async () => {
  using script = troubled();
  const thread = new HashThread({ script: script.url });
  const lost = thread.hash('loop', CHEAP);
  await script.untilHung(1);
  await Promise.all([thread.close(), assert.rejects(lost, { code: 'ACCOUNTS_CLOSED' })]);
});

test('a login goes before the hashes of new passwords that wait', async () => {
  const thread = new HashThread();
  const done: string[] = [];
  const hashes = ['a', 'b', 'c'].map((password) =>
    thread.hash(password, CHEAP).then(() => done.push('hash')),
  );
  await Promise.all([...hashes, thread.verify('x', decoyHash(CHEAP)).then(() => done.push('login'))]);
  assert.deepEqual(done, ['hash', 'login', 'hash', 'hash']);
  await thread.close();
});

test('the number of waiting hashes of new passwords has a limit', async () => {
  using script = troubled();
  const thread = new HashThread({ script: script.url });
  const waiting = Array.from({ length: 1 + 4096 }, () => thread.hash('loop', CHEAP));
  await assert.rejects(thread.hash('one too many', CHEAP), { code: 'ACCOUNTS_BUSY' });
  await Promise.all([thread.close(), ...waiting.map((hash) => assert.rejects(hash))]);
});
