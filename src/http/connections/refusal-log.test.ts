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

test('refused callers have a line for each code and address a minute, and a flood of addresses has few', () => {
  const lines: { code: string; count: number; address: string; omitted?: number; expected?: string }[] = [];
  let nowMs = 0;
  const log = new RefusalLog(
    pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    () => nowMs,
  );
  for (let i = 0; i < 3; i++)
    for (const address of ['192.0.2.1', '192.0.2.2'])
      log.noteCaller('HTTP_NO_READ', address, { expected: 'read' });
  assert.deepEqual(
    lines.map(({ count, address, expected }) => [count, address, expected]),
    [
      [1, '192.0.2.1', 'read'],
      [1, '192.0.2.2', 'read'],
    ],
  );
  nowMs = 60_000;
  log.noteCaller('HTTP_NO_READ', '192.0.2.1', {});
  assert.equal(lines.at(-1)!.count, 3);
  for (let i = 0; i < 1000; i++) log.noteCaller('HTTP_NO_READ', `10.0.0.${i}`, {});
  assert.equal(lines.length, 2 + 30);
  nowMs = 70_000;
  log.noteCaller('HTTP_FOREIGN_PAGE', '192.0.2.9', {});
  assert.equal(lines.at(-1)!.omitted, 1000 - 29);
});
