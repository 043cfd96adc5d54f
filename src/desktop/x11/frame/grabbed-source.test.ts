import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirtyTiles } from '../../../pixels/dirty-tiles.ts';
import { DesktopError } from '../../errors.ts';
import type { CaptureResult } from './frame-source.ts';
import { GrabbedSource } from './grabbed-source.ts';
import { ScanStalledError } from './scanner.ts';

const SIZE = { width: 64, height: 64 };
const RESULT = { size: SIZE } as CaptureResult;

interface Story {
  /** What happened to the scanner and the helpers. */
  readonly events: string[];
  capture(): Promise<CaptureResult>;
}

/** Makes a source whose first `stalls` scans stall, and whose helpers can be ended or not. */
function tell(stalls: number, canBeEnded = true): Story {
  const events: string[] = [];
  const x = { send: () => 0, flush: () => undefined, isOpen: true };
  let left = stalls;
  const scan = (): CaptureResult => {
    if (left-- > 0) {
      events.push('stall');
      throw new ScanStalledError();
    }
    events.push('scan');
    return RESULT;
  };
  const replace = async (): Promise<void> => {
    events.push('replace');
    if (!canBeEnded) throw new DesktopError('DESKTOP_LOST');
  };
  const source = new GrabbedSource(
    x,
    { scan, settle: () => undefined },
    { replace, wanted: () => undefined, close: async () => undefined },
    { close: () => undefined },
  );
  const takeDamage = async () => ({ size: SIZE, tiles: DirtyTiles.whole(SIZE), everything: false });
  return { events, capture: () => source.capture(takeDamage, true, () => undefined) };
}

test('helpers are replaced after every scan that stalls, also after the last one of a capture', async () => {
  const { capture, events } = tell(2);
  await assert.rejects(capture(), { name: 'ScanStalledError' });
  assert.deepEqual(events, ['stall', 'replace', 'stall', 'replace']);
  assert.equal(await capture(), RESULT);
});

test('no scan follows when a helper could not be ended', async () => {
  const { capture, events } = tell(1, false);
  await assert.rejects(capture(), { code: 'DESKTOP_LOST' });
  await assert.rejects(capture(), { code: 'DESKTOP_LOST' });
  assert.deepEqual(events, ['stall', 'replace']);
});
