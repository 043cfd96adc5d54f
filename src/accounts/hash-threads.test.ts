import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { ManualTicker } from '../../test/support/manual-ticker.ts';
import { TroubledScript } from '../../test/support/troubled-script.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { keepMallocSmall } from '../common/process-memory.ts';
import { BULK_NICENESS, HashThreads } from './hash-threads.ts';
import { ARGON2ID_COST, DEFAULT_COST, decoyHash, type HashCost } from './password-hash.ts';

const CHEAP: HashCost = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 };
/** Hashes that make a bulk call. */
const BULK = 5;
const PAGE_BYTES = 4096;
/** Pages that a hash of ARGON2ID_COST takes. */
const PAGES_OF_A_HASH = (19_456 * 1024) / PAGE_BYTES;
/** Longer than a thread waits for another job. */
const IDLE_MS = 3_000;
/** Longer than a thread may take to start. */
const LONG_MS = 20_000;

const troubled = (): TroubledScript =>
  new TroubledScript(
    new URL('./hash.worker.ts', import.meta.url),
    `({ password }) => ['exit', 'loop'].find((kind) => kind === password)`,
  );

test('a hash thread that ends in the middle of a job fails that job, and does the next ones', async () => {
  using script = troubled();
  const thread = new HashThreads({ script: script.url });
  const lost = thread.hash('exit', CHEAP);
  const next = thread.verify('x', decoyHash(CHEAP));
  await assert.rejects(lost, { code: 'ACCOUNTS_HASH_FAILED' });
  assert.equal(await next, false);
  await thread.close();
});

test('a hash thread that hangs in a job is replaced, and does the next jobs', async () => {
  using script = troubled();
  const time = new ManualTicker();
  const thread = new HashThreads({ script: script.url, ticker: time.ticker });
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
  const thread = new HashThreads({ script: script.url });
  const lost = thread.hash('loop', CHEAP);
  await script.untilHung(1);
  await Promise.all([thread.close(), assert.rejects(lost, { code: 'ACCOUNTS_CLOSED' })]);
});

test('a login goes before the hashes of new passwords that wait', async () => {
  const thread = new HashThreads();
  const done: string[] = [];
  const hashes = ['a', 'b', 'c'].map((password) =>
    thread.hash(password, CHEAP).then(() => done.push('hash')),
  );
  await Promise.all([...hashes, thread.verify('x', decoyHash(CHEAP)).then(() => done.push('login'))]);
  assert.deepEqual(done, ['hash', 'login', 'hash', 'hash']);
  await thread.close();
});

/** Numbers of the fields of `/proc/PID/stat` (proc(5)), from 1 on. */
const MINOR_FAULTS = 10;
const NICENESS = 19;

/** A field of each thread of this process that has this name. */
function fieldOf(name: string, field: number): number[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    try {
      if (readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim() !== name) return [];
      // The fields behind the name, which may have spaces in it, begin with the third.
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
      return [Number(stat.split(') ').at(-1)!.split(' ')[field - 3])];
    } catch {
      // The thread has just ended.
      return [];
    }
  });
}

test('the hashes of a bulk call are computed by several threads of low priority, and those of others are not', async () => {
  // Time stands still, so that no thread ends because it is idle.
  const threads = new HashThreads({ bulkThreads: 3, ticker: new ManualTicker().ticker });
  const bulk = { hashes: 12 };
  const hashes = Array.from({ length: 12 }, (_, i) => threads.hash(`p${i}`, CHEAP, undefined, bulk));
  assert.equal(new Set(await Promise.all(hashes)).size, 12);
  assert.match(await threads.hash('x', CHEAP), /^\$scrypt\$/);
  // The tests themselves may run with a low priority.
  const ours = getPriority();
  assert.deepEqual(fieldOf('deskwire-bulk', NICENESS), Array(3).fill(Math.max(ours, BULK_NICENESS)));
  assert.deepEqual(fieldOf('deskwire-hash', NICENESS), [ours]);
  await threads.close();
});

test('the threads of a bulk call use the memory of one hash for the next, and give it back when they end', {
  skip: DEFAULT_COST === ARGON2ID_COST ? false : 'scrypt takes more memory than malloc can keep',
}, async () => {
  keepMallocSmall();
  const time = new ManualTicker();
  const threads = new HashThreads({ bulkThreads: 1, ticker: time.ticker });
  const make = (hashes: number): Promise<string[]> =>
    Promise.all(
      Array.from({ length: hashes }, () => threads.hash('x', ARGON2ID_COST, undefined, { hashes })),
    );
  await make(BULK);
  const rssBytes = process.memoryUsage.rss();
  const [faultsBefore] = fieldOf('deskwire-bulk', MINOR_FAULTS);
  await make(3 * BULK);
  const faults = fieldOf('deskwire-bulk', MINOR_FAULTS)[0]! - faultsBefore!;
  assert.ok(faults < 2 * PAGES_OF_A_HASH, `${faults} faults of ${3 * BULK} hashes`);
  time.pass(IDLE_MS);
  await waitFor('the end of the thread', () => fieldOf('deskwire-bulk', MINOR_FAULTS).length === 0);
  const givenBackBytes = rssBytes - process.memoryUsage.rss();
  assert.ok(givenBackBytes > PAGES_OF_A_HASH * PAGE_BYTES, `${givenBackBytes} bytes`);
  await threads.close();
});

test('a login and an ordinary call do not wait for the hashes of a bulk call', async () => {
  using script = troubled();
  const threads = new HashThreads({ script: script.url, bulkThreads: 1 });
  const bulk = { hashes: 20 };
  const hashes = Array.from({ length: 20 }, () => threads.hash('loop', CHEAP, undefined, bulk));
  await script.untilHung(1);
  assert.equal(await threads.verify('x', decoyHash(CHEAP)), false);
  assert.match(await threads.hash('x', CHEAP), /^\$scrypt\$/);
  await Promise.all([threads.close(), ...hashes.map((hash) => assert.rejects(hash))]);
});

test('a bulk call that is broken off takes its hashes out of the queue', async () => {
  using script = troubled();
  const threads = new HashThreads({ script: script.url, bulkThreads: 1 });
  const caller = new AbortController();
  const bulk = { hashes: 4096 };
  const hashes = Array.from({ length: 4096 }, () => threads.hash('loop', CHEAP, caller.signal, bulk));
  const allEnd = Promise.all(hashes.map((hash) => assert.rejects(hash, { name: 'AbortError' })));
  caller.abort();
  await allEnd;
  // The queue has room again: one more would have been refused.
  const next = threads.hash('x', CHEAP);
  assert.match(await next, /^\$scrypt\$/);
  await threads.close();
});

test('the number of waiting hashes of new passwords has a limit', async () => {
  using script = troubled();
  const thread = new HashThreads({ script: script.url });
  const waiting = Array.from({ length: 1 + 4096 }, () => thread.hash('loop', CHEAP));
  await assert.rejects(thread.hash('one too many', CHEAP), { code: 'ACCOUNTS_BUSY' });
  await Promise.all([thread.close(), ...waiting.map((hash) => assert.rejects(hash))]);
});
