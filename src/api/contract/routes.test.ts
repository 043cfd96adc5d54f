import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, defineCall, done } from './call.ts';
import { handleInTime } from './routes.ts';
import { Type } from './schema.ts';

const LIMIT_MS = 20;

function callThat(handle: (signal: AbortSignal) => Promise<void>): Call {
  return defineCall({
    method: 'GET',
    path: '/work',
    scope: 'any',
    summary: 'Works',
    changes: false,
    parameters: Type.Object({}),
    answers: {},
    limitMs: LIMIT_MS,
    handle: async ({ signal }) => {
      await handle(signal);
      return done();
    },
  });
}

const CONTEXT = {
  user: { name: 'ada', read: true, write: true, owner: true },
  pass: undefined,
  address: '127.0.0.1',
  baseUrl: () => 'https://127.0.0.1',
  parameters: {},
  place: {},
  body: [],
  bytes: new Uint8Array(0),
  ifNoneMatch: undefined,
  lastEventId: undefined,
  isHead: false,
};
const start = async (call: Call, brokenOff = new AbortController().signal) =>
  handleInTime(call, CONTEXT, brokenOff);

test('a call that never ends is answered with API_TIMED_OUT, and its signal aborts', async () => {
  let aborted = false;
  const call = callThat(
    (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
      }),
  );
  await assert.rejects(start(call), { code: 'API_TIMED_OUT', status: 503 });
  assert.ok(aborted);
});

test('a call that stops at its signal is answered with API_TIMED_OUT', async () => {
  const call = callThat((signal) => sleep(1_000_000, undefined, { signal }));
  await assert.rejects(start(call), { code: 'API_TIMED_OUT' });
});

test('a call that ends just after its time limit is answered as it ended', async () => {
  const finishes = callThat(
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 1))),
  );
  assert.equal((await start(finishes)).status, 200);
});

test('a call whose caller goes away stops, and a call that fails keeps its error', async () => {
  const caller = new AbortController();
  const call = callThat((signal) => sleep(1_000_000, undefined, { signal }));
  const answer = start({ ...call, limitMs: 1_000_000 }, caller.signal);
  caller.abort();
  await assert.rejects(answer, { name: 'AbortError' });
  const failing = callThat(() => Promise.reject(new RangeError('no')));
  await assert.rejects(start(failing), RangeError);
});

test('a call whose caller loses the right to it ends at once if it only reads, whatever it waits for', async () => {
  const caller = new AbortController();
  const call = callThat(() => new Promise(() => {}));
  const answer = start({ ...call, limitMs: 1_000_000 }, caller.signal);
  const reason = new RangeError('no longer');
  caller.abort(reason);
  await assert.rejects(answer, (error) => error === reason);
  await assert.rejects(start(call, caller.signal), (error) => error === reason);
});

test('a change that stops when its caller loses the right has that reason, and one that is made is answered', async () => {
  for (const isMade of [true, false]) {
    const caller = new AbortController();
    const call = callThat((signal) =>
      isMade
        ? new Promise((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 1)))
        : sleep(1_000_000, undefined, { signal }),
    );
    const answer = start({ ...call, changes: true, limitMs: 1_000_000 }, caller.signal);
    const reason = new RangeError('no longer');
    caller.abort(reason);
    if (isMade) assert.equal((await answer).status, 200);
    else await assert.rejects(answer, (error) => error === reason);
  }
});
