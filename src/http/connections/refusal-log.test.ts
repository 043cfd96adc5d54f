import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { RefusalLog } from './refusal-log.ts';

test('a flood of refusals is one line for each code and minute, with their number', () => {
  const lines: { code: string; count: number; address?: string }[] = [];
  let nowMs = 0;
  const log = new RefusalLog(
    pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    () => nowMs,
  );
  for (let i = 0; i < 1000; i++) log.note('HTTP_HALF_OPEN_FULL', '192.0.2.1');
  log.note('HTTP_CONNECTIONS_FULL', undefined);
  nowMs = 59_999;
  log.note('HTTP_HALF_OPEN_FULL', '192.0.2.2');
  assert.equal(lines.length, 2);
  nowMs = 60_000;
  log.note('HTTP_HALF_OPEN_FULL', '192.0.2.3');
  const found = lines.map(({ code, count, address }) => [code, count, address]);
  assert.deepEqual(found, [
    ['HTTP_HALF_OPEN_FULL', 1, '192.0.2.1'],
    ['HTTP_CONNECTIONS_FULL', 1, undefined],
    ['HTTP_HALF_OPEN_FULL', 1001, '192.0.2.3'],
  ]);
});
