import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { CONTINUOUS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { wholeOf } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';

const SIZE = { width: 640, height: 480 };
const LEVEL_3 = [...CONTINUOUS, wire.PSEUDO_QUALITY_FIRST + 3];
const SAVING = [...LEVEL_3, wire.PSEUDO_WEBP, wire.PSEUDO_PREFER_BANDWIDTH];

const paintPhoto = (room: TestSession): void =>
  room.desktop.paint(
    wholeOf(SIZE),
    createPhoto(SIZE.width, SIZE.height).pixels.map((pixel) => pixel & 0xffffff),
  );

const kindsAfter = (viewer: MemoryViewer, update: number): Set<string> =>
  new Set(viewer.updates.slice(update).flatMap(({ rects }) => rects.map(({ body }) => body.kind)));

suite('WebP', () => {
  test('part of a change is WebP and the rest JPEG if the viewer prefers bandwidth', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 60 });
    const viewer = await room.connect({ encodings: SAVING, updates: 'continuous' });
    await room.untilShown(viewer);
    const before = viewer.updates.length;
    paintPhoto(room);
    await viewer.untilUpdates(before + 1);
    const kinds = viewer.updates[before]!.rects.map(({ body }) => body.kind);
    assert.deepEqual(new Set(kinds), new Set(['tightWebp', 'tightJpeg']));
  });

  test('a still picture is sharpened with WebP for a viewer that lists it', async () => {
    await using room = new TestSession({ size: SIZE });
    const encodings = [...LEVEL_3, wire.PSEUDO_WEBP];
    const viewer = await room.connect({ encodings, updates: 'continuous' });
    await room.untilShown(viewer);
    const before = viewer.updates.length;
    paintPhoto(room);
    await viewer.untilUpdates(before + 1);
    assert.deepEqual(
      new Set(viewer.updates[before]!.rects.map(({ body }) => body.kind)),
      new Set(['tightJpeg']),
      'a change is JPEG if the viewer does not prefer bandwidth',
    );
    await room.untilShown(viewer);
    assert.ok(kindsAfter(viewer, before + 1).has('tightWebp'));
  });

  test('WebP is not sent to a viewer that does not list it or has no quality level', async () => {
    await using room = new TestSession({ size: SIZE });
    const others = await Promise.all(
      [
        [...LEVEL_3, wire.PSEUDO_PREFER_BANDWIDTH],
        [...CONTINUOUS, wire.PSEUDO_WEBP, wire.PSEUDO_PREFER_BANDWIDTH],
      ].map((encodings) => room.connect({ encodings, updates: 'continuous' })),
    );
    const viewer = await room.connect({ encodings: SAVING, updates: 'continuous' });
    for (const each of [...others, viewer]) await room.untilShown(each);
    paintPhoto(room);
    await room.untilShown(viewer);
    await room.untilShown(others[1]!);
    assert.ok(viewer.rectsOf('tightWebp').length > 0);
    for (const other of others) assert.equal(other.rectsOf('tightWebp').length, 0);
  });

  test('the statistics of a frame name the WebP encoder', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: SAVING, updates: 'continuous' });
    await room.untilShown(viewer);
    // A measurement begins when all encoder threads have started. After this one, they have.
    await room.session.frameStats({ kind: 'none' });
    const stats = room.session.frameStats({ kind: 'none' });
    paintPhoto(room);
    const { server_side } = await stats;
    const entry = server_side.find(({ process_name }) => process_name === 'TightWEBPEncoder');
    assert.ok(entry && 'count' in entry && entry.count! > 0 && entry.area! > 0 && entry.time_us > 0);
  });
});
