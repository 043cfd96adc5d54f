import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeskwireError } from './errors.ts';
import { isPassing, waitBefore } from './retry.ts';

const withStatus = (status?: number): DeskwireError => new DeskwireError('ANY_CODE', 'why', { status });

test('only a server that is not reached, does not answer or is busy may be asked again', () => {
  for (const [error, expected] of [
    [new DeskwireError('SDK_UNREACHABLE', 'why'), true],
    [new DeskwireError('SDK_TIMED_OUT', 'why'), true],
    [new DeskwireError('SDK_ANSWER_INVALID', 'why'), false],
    [new DeskwireError('SDK_OPTIONS_INVALID', 'why'), false],
    ...([429, 502, 503, 504] as const).map((status) => [withStatus(status), true] as const),
    ...([200, 400, 401, 403, 404, 409, 500, 507] as const).map(
      (status) => [withStatus(status), false] as const,
    ),
    [new Error('other'), false],
    [undefined, false],
  ] as const)
    assert.equal(isPassing(error), expected, String(error));
});

test('waits become twice as long up to half a minute, and are shortened by up to one half', () => {
  assert.deepEqual(
    [1, 2, 3, 7, 50].map((failures) => waitBefore(failures, undefined, 0)),
    [500, 1000, 2000, 30_000, 30_000],
  );
  assert.equal(waitBefore(1, undefined, 1), 250);
  assert.equal(waitBefore(1, undefined, 0, 2000), 2000);
  assert.equal(waitBefore(1, undefined, 0, 10_000_000), 30_000);
});

test('a wait is never shorter than the server asks for', () => {
  assert.equal(waitBefore(1, 7000, 0.5), 7000);
  assert.equal(waitBefore(6, 1000, 0), 16_000);
});
