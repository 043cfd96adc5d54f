import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause, withLimit } from './time-limit.ts';

const never = (): Promise<never> => new Promise(() => undefined);

test('work that takes too long is ended with SDK_TIMED_OUT, and its signal aborts', async () => {
  let inner: AbortSignal | undefined;
  const work = (signal: AbortSignal) => {
    inner = signal;
    return never();
  };
  await assert.rejects(withLimit(5, undefined, work), { code: 'SDK_TIMED_OUT' });
  assert.ok(inner?.aborted);
});

test('work ends with the reason of the caller’s signal, and is not begun if that has aborted', async () => {
  const caller = new AbortController();
  const reason = new RangeError('enough');
  const ended = withLimit(1_000_000, caller.signal, never);
  caller.abort(reason);
  await assert.rejects(ended, (error) => error === reason);
  let isBegun = false;
  const begin = async () => {
    isBegun = true;
  };
  await assert.rejects(withLimit(1_000_000, caller.signal, begin), (error) => error === reason);
  assert.equal(isBegun, false);
});

test('work that is done in time keeps its value or its error', async () => {
  assert.equal(await withLimit(1_000_000, undefined, async () => 5), 5);
  const failing = withLimit(1_000_000, undefined, () => Promise.reject(new RangeError('no')));
  await assert.rejects(failing, RangeError);
});

test('a pause ends with the reason of its signal', async () => {
  const caller = new AbortController();
  const reason = new RangeError('enough');
  const paused = pause(1_000_000, caller.signal);
  caller.abort(reason);
  await assert.rejects(paused, (error) => error === reason);
  await assert.rejects(pause(1_000_000, caller.signal), (error) => error === reason);
  await pause(1, undefined);
});
