import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeThread, type ThreadFacts } from './judge-thread.ts';

const BUSY: ThreadFacts = {
  jobs: 1,
  hasAnswered: true,
  quietMs: 0,
  limitMs: 5000,
  idleLimitMs: undefined,
};

for (const [name, facts, verdict] of [
  ['with a job it has just been given stays', {}, 'stays'],
  ['with a job stays until the limit', { quietMs: 4999 }, 'stays'],
  ['silent for the limit of its job hangs', { quietMs: 5000 }, 'hangs'],
  ['that has not answered yet gets the time to start', { hasAnswered: false, quietMs: 19_999 }, 'stays'],
  ['that has not answered in the time to start hangs', { hasAnswered: false, quietMs: 20_000 }, 'hangs'],
  [
    'that starts with a long job gets the time for that',
    { hasAnswered: false, quietMs: 20_000, limitMs: 60_000 },
    'stays',
  ],
  [
    'without jobs that has not answered in the time to start hangs',
    { jobs: 0, hasAnswered: false, quietMs: 20_000 },
    'hangs',
  ],
  ['without jobs stays if it has no idle limit', { jobs: 0, quietMs: 1e9 }, 'stays'],
  ['without jobs stays until its idle limit', { jobs: 0, quietMs: 2999, idleLimitMs: 3000 }, 'stays'],
  ['without jobs idles after its idle limit', { jobs: 0, quietMs: 3000, idleLimitMs: 3000 }, 'idles'],
  ['with jobs is never idle', { quietMs: 3000, idleLimitMs: 3000 }, 'stays'],
] as const) {
  test(`a thread ${name}`, () => {
    assert.equal(judgeThread({ ...BUSY, ...facts }), verdict);
  });
}
