import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRandom } from '../../bench/painter/random.ts';
import { CONTINUOUS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { drawDocument } from '../../test/support/scroll-documents.ts';
import { COPYING, PAGE, paintPage } from '../../test/support/scrolling-page.ts';
import { TestSession, turns } from '../../test/support/test-session.ts';
import { areaPx, wholeOf } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';

const SIZE = { width: 500, height: 400 };

/** Kinds of the rects in all updates from number `from` on. */
function kinds(viewer: MemoryViewer, from: number): string[] {
  return viewer.updates.slice(from).flatMap(({ rects }) => rects.map(({ body }) => body.kind));
}

/** Number of pixels in rects other than copies, in all updates from number `from` on. */
function sentPx(viewer: MemoryViewer, from: number): number {
  return viewer.updates
    .slice(from)
    .flatMap(({ rects }) => rects.filter(({ body }) => body.kind !== 'copyRect'))
    .reduce((sum, { width, height }) => sum + width * height, 0);
}

suite('a page that scrolls', () => {
  test('a page that scrolls is sent as a copy and the uncovered rows', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect(COPYING);
    paintPage(room);
    await room.untilShown(viewer);
    for (const rows of [7, 12, 30]) {
      const before = viewer.updates.length;
      room.desktop.scroll(PAGE, rows);
      await room.quiet();
      await room.untilShown(viewer);
      assert.equal(kinds(viewer, before)[0], 'copyRect');
      assert.ok(sentPx(viewer, before) < (PAGE.width * PAGE.height) / 3, `${rows} rows`);
    }
  });

  test('a page that scrolls is sent as pixels to a viewer without CopyRect, and as a copy to another', async () => {
    await using room = new TestSession({ size: SIZE });
    const copying = await room.connect(COPYING);
    const other = await room.connect({ ...COPYING, encodings: CONTINUOUS });
    paintPage(room);
    await room.untilShown(copying);
    await room.untilShown(other);
    const before = [copying.updates.length, other.updates.length] as const;
    room.desktop.scroll(PAGE, 9);
    await room.quiet();
    await room.untilShown(copying);
    await room.untilShown(other);
    assert.ok(kinds(copying, before[0]).includes('copyRect'));
    assert.ok(!kinds(other, before[1]).includes('copyRect'));
  });

  test('a page that scrolls is sent as a copy to a viewer that is several frames behind', async () => {
    await using room = new TestSession({ size: SIZE });
    const quick = await room.connect(COPYING);
    const slow = await room.connect({ ...COPYING, updates: 'none' });
    paintPage(room);
    await room.untilShown(quick);
    slow.request(false);
    await room.untilShown(slow);
    const before = slow.updates.length;
    room.desktop.paint({ x: 100, y: 100, width: 60, height: 60 }, 0xff0000);
    await room.untilShown(quick);
    for (const rows of [5, 11]) {
      room.desktop.scroll(PAGE, rows);
      await room.untilShown(quick);
    }
    slow.request();
    await room.untilShown(slow);
    assert.equal(kinds(slow, before)[0], 'copyRect');
    assert.ok(sentPx(slow, before) < (PAGE.width * PAGE.height) / 3);
  });

  for (const dark of [true, false]) {
    test(`of text in lines of 16 px that scrolls by a line below a caret, the new line is sent: ${dark ? 'dark' : 'light'}`, async () => {
      const size = { width: 640, height: 480 };
      await using room = new TestSession({ size });
      const viewer = await room.connect(COPYING);
      const { pixels } = drawDocument(createRandom(3), { kind: 'text', width: size.width, pitch: 16, dark });
      const paint = (line: number): void => {
        // Lines begin at multiples of 16: each such row is blank.
        const from = 16 * line * size.width;
        room.desktop.paint(wholeOf(size), pixels.slice(from, from + areaPx(size)));
        if (line % 2 === 0) room.desktop.paint({ x: 200, y: 160, width: 9, height: 15 }, 0xff8800);
      };
      paint(0);
      await room.untilShown(viewer);
      for (let line = 1; line <= 5; line++) {
        const before = viewer.updates.length;
        paint(line);
        await room.quiet();
        await room.untilShown(viewer);
        assert.equal(kinds(viewer, before)[0], 'copyRect');
        const px = sentPx(viewer, before);
        assert.ok(px < size.width * 20, `line ${line}: ${px} pixels`);
      }
    });
  }

  test('two panes that scroll by different steps are sent as copies and the uncovered rows', async () => {
    const size = { width: 640, height: 480 };
    await using room = new TestSession({ size });
    const viewer = await room.connect(COPYING);
    const [left, right] = [
      { x: 0, y: 0, width: 300, height: 480 },
      { x: 300, y: 0, width: 340, height: 480 },
    ];
    paintPage(room, left);
    paintPage(room, right);
    await room.untilShown(viewer);
    for (const [up, further] of [
      [16, 5],
      [16, 5],
      [9, 40],
    ] as const) {
      const before = viewer.updates.length;
      room.desktop.scroll(left, up);
      room.desktop.scroll(right, further);
      await room.quiet();
      await room.untilShown(viewer);
      const px = sentPx(viewer, before);
      // The tiles that both panes share are left to send.
      assert.ok(px < areaPx(size) / 5, `by ${up} and ${further}: ${px} pixels`);
    }
  });

  test('every viewer shows a page exactly after painting and scrolling at once', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 500 });
    const viewers = [
      await room.connect(COPYING),
      await room.connect({ ...COPYING, encodings: [...COPYING.encodings, wire.PSEUDO_LAST_RECT] }),
      await room.connect({ ...COPYING, updates: 'requested' }),
    ];
    paintPage(room);
    for (let i = 0; i < 60; i++) {
      room.desktop.scroll({ ...PAGE, x: PAGE.x + (i % 5) }, 1 + ((i * 7) % 23));
      if (i % 3 === 0)
        room.desktop.paint({ x: (i * 37) % 450, y: (i * 53) % 380, width: 40, height: 30 }, i * 9999);
      if (i % 4 === 0) await turns(i % 20);
      if (i === 30) await room.session.sendFullFrame();
      if (i === 40) paintPage(room);
    }
    for (const viewer of viewers) await room.untilShown(viewer);
  });
});
