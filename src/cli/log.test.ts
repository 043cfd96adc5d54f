import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';

function logTo(isTTY: boolean) {
  const lines: string[] = [];
  return { lines, log: createLog('info', { isTTY, write: (line) => lines.push(line) }) };
}

test('the log is JSON if standard error is not a terminal', () => {
  const { lines, log } = logTo(false);
  log.warn({ port: 1 }, 'Listening');
  log.debug('not this');
  assert.equal(lines.length, 1);
  const { level, msg, port } = JSON.parse(lines[0] ?? '');
  assert.deepEqual([level, msg, port], [40, 'Listening', 1]);
});

test('the log in a terminal is a short line, with the stack of an error', () => {
  const { lines, log } = logTo(true);
  log.info({ port: 1, url: 'https://x/' }, 'Listening');
  log.error({ err: new Error('broken') }, 'Oh');
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d info {2}Listening {2}port=1 {2}url=https:\/\/x\/\n$/);
  assert.match(lines[1] ?? '', /error Oh\nError: broken\n +at .*\n$/s);
});
