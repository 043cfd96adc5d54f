import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { LOSSLESS } from '../../test/support/memory-viewer.ts';
import { BGR233 } from '../../test/support/pixel-formats.ts';
import { TestSession } from '../../test/support/test-session.ts';
import * as wire from '../protocol/constants.ts';

const EXPECTED = /8 bits per pixel with a colour map\. Expected: 8, 16 or 32 bits of true colour/;
const WARN = 40;

test('a viewer that asks for a colour map is told why where RFB can say it, and not by its clipboard', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  await using room = new TestSession({ size: { width: 64, height: 64 }, log });
  for (const [encodings, notices] of [
    [[...LOSSLESS, wire.PSEUDO_DISCONNECT_NOTICE], 1],
    [LOSSLESS, 0],
  ] as const) {
    const viewer = await room.connect({ encodings });
    await room.untilShown(viewer);
    viewer.send({ type: 'setPixelFormat', format: { ...BGR233, trueColour: false } });
    await viewer.until('the end', () => viewer.wire.closedReason);
    assert.match(viewer.wire.closedReason!, EXPECTED);
    const told = viewer.messagesOf('disconnect');
    assert.equal(told.length, notices);
    for (const { reason } of told) assert.match(reason, EXPECTED);
    assert.deepEqual(viewer.messagesOf('cutText'), []);
  }
  const refusals = lines.map((line) => JSON.parse(line)).filter(({ code }) => code === 'RFB_COLOUR_MAP');
  assert.equal(refusals.length, 2);
  for (const { level, msg, user, connection } of refusals) {
    assert.deepEqual([level, user], [WARN, 'owner']);
    assert.match(msg, EXPECTED);
    assert.match(connection, /^127\.0\.0\.1_/);
  }
});
