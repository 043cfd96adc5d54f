import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { WatchedDesktop } from '../../test/support/test-session.ts';
import { NO_EVENTS } from '../events/event.ts';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { Audience } from './audience.ts';
import { FrameRecord } from './frame/frame-record.ts';
import type { ShownFrame } from './frame/taker.ts';
import { createSessionEvents } from './session-events.ts';

const SIZE = { width: 200, height: 120 };

test('a full frame that was due when its measurement ended is not sent with a later change', async () => {
  const desktop = new WatchedDesktop({ size: SIZE });
  const host = {
    intervalMs: 16,
    events: createSessionEvents({
      events: NO_EVENTS,
      desktop,
      viewers: () => [],
      hasDamage: () => false,
      look: () => undefined,
    }),
    hasDamage: () => false,
    wake: () => undefined,
    captureAnyway: () => undefined,
    shownChanged: () => undefined,
    viewersChanged: () => undefined,
  };
  const audience = new Audience(desktop, host, pino({ level: 'silent' }));
  const failed = audience.watch();
  failed.makeFullFrame();
  failed.end();
  audience.watch();
  const changed = new DirtyTiles(SIZE);
  changed.add({ x: 0, y: 0, width: 9, height: 9 });
  audience.changed(changed, new FrameRecord(0, 0));
  const [taker] = audience.owed();
  assert.ok(taker?.take({} as ShownFrame).owed.tiles.equals(changed));
  audience.close('The test is over.');
  await desktop.close();
});
