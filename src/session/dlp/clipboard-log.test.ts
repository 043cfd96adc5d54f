import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClipboardLine, createClipboardLog, LOG_RATE } from './clipboard-log.ts';

test('uses of a clipboard beyond the rate of the log are counted in its next line', () => {
  let nowMs = 0;
  const lines: ClipboardLine[] = [];
  const log = createClipboardLog(
    () => nowMs,
    (line) => lines.push(line),
  );
  const use = { direction: 'toClient', bytes: 5, formats: undefined, refusal: undefined } as const;
  for (let i = 0; i < LOG_RATE.burst + 7; i++) log(use);
  assert.equal(lines.length, LOG_RATE.burst);
  nowMs += 1000;
  log(use);
  assert.deepEqual(lines.at(-1), { ...use, unlogged: 7 });
});
