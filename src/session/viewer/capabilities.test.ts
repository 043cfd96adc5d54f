import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RGB565 } from '../../../test/support/pixel-formats.ts';
import * as wire from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { Capabilities, type CapabilitiesOptions, CURSOR_CHANGE_INTERVAL_MS } from './capabilities.ts';

const CURSOR = [wire.PSEUDO_CURSOR];
const ALPHA_CURSOR = [wire.PSEUDO_CURSOR_WITH_ALPHA];

/** Capabilities with a clock of their own, and how often the cursor was sent in another form. */
function create(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const seen = { changes: 0, dropped: 0 };
  const picture = {
    format: SERVER_PIXEL_FORMAT,
    wants: (_: unknown, format: typeof SERVER_PIXEL_FORMAT) => {
      picture.format = format;
    },
  };
  const sender = { flow: {}, sendCursor: () => seen.dropped++ };
  const capabilities = new Capabilities({
    sender,
    picture,
    clipboard: { beginOnce: () => false },
    sizeNotice: { wants: () => undefined },
    now: () => nowMs,
    rights: () => ({ read: true, write: true, owner: true }),
    cursorKindChanged: () => seen.changes++,
    wake: () => undefined,
  } as unknown as CapabilitiesOptions);
  const advance = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  return { capabilities, seen, advance };
}

test('the same encodings and the same format, sent again, do not send the cursor again', (t) => {
  const { capabilities, seen, advance } = create(t);
  for (let i = 0; i < 100; i++) {
    capabilities.setEncodings(CURSOR);
    capabilities.setPixelFormat({ ...SERVER_PIXEL_FORMAT });
    advance(10);
  }
  assert.equal(seen.changes, 1);
});

test('a viewer without a cursor of its own is known from its first encodings', (t) => {
  const { capabilities, seen } = create(t);
  capabilities.setPixelFormat(RGB565);
  assert.equal(seen.changes, 0);
  capabilities.setEncodings([]);
  assert.equal(seen.changes, 1);
});

test('a viewer that keeps changing its cursor and its format is sent the cursor once for each interval', (t) => {
  const { capabilities, seen, advance } = create(t);
  for (let i = 0; i < 1050; i++) {
    capabilities.setEncodings(i % 2 ? CURSOR : ALPHA_CURSOR);
    capabilities.setPixelFormat(i % 2 ? RGB565 : SERVER_PIXEL_FORMAT);
    advance(1);
  }
  assert.ok(seen.changes >= 2 && seen.changes <= 1 + 1050 / CURSOR_CHANGE_INTERVAL_MS, `${seen.changes}`);
  const before = seen.changes;
  advance(CURSOR_CHANGE_INTERVAL_MS);
  assert.equal(seen.changes, before + 1, 'the last change is not lost');
  advance(10 * CURSOR_CHANGE_INTERVAL_MS);
  assert.equal(seen.changes, before + 1);
});

test('a cursor of a form that the viewer no longer supports is dropped at once', (t) => {
  const { capabilities, seen } = create(t);
  capabilities.setEncodings(CURSOR);
  const { dropped } = seen;
  capabilities.setEncodings([]);
  assert.equal(seen.dropped, dropped + 1);
});

test('a viewer whose connection has ended is sent no cursor', (t) => {
  const { capabilities, seen, advance } = create(t);
  capabilities.setEncodings(CURSOR);
  capabilities.setEncodings([]);
  capabilities.close();
  capabilities.setEncodings(CURSOR);
  advance(10 * CURSOR_CHANGE_INTERVAL_MS);
  assert.equal(seen.changes, 1);
});
