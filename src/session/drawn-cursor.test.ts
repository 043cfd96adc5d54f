import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, type TestContext, test } from 'node:test';
import { CONTINUOUS, LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { RGB565 } from '../../test/support/pixel-formats.ts';
import { pixelValue } from '../../test/support/rect-pixels.ts';
import { COPYING, PAGE, paintPage } from '../../test/support/scrolling-page.ts';
import { TestSession, turns } from '../../test/support/test-session.ts';
import type { CursorImage } from '../desktop/desktop.ts';
import { drawCursor } from '../encode/make/draw-cursor.ts';
import * as wire from '../protocol/constants.ts';
import { DrawnCursor, placeCursor } from './screen/drawn-cursor.ts';

const SIZE = { width: 500, height: 400 };
const STREAMING = { encodings: CONTINUOUS, updates: 'continuous' } as const;
const WITH_CURSOR = { ...STREAMING, encodings: [...CONTINUOUS, wire.PSEUDO_CURSOR_WITH_ALPHA] } as const;

/** A pointer whose pixels all differ in colour, and whose lower half is translucent. */
function pointer(seed = 0): CursorImage {
  const [width, height] = [16, 24];
  const pixels = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const alpha = i >= width * height * 2 ? 128 : 255;
    return i % 4 === 3 ? alpha : Math.floor(((i * 7 + seed) % (alpha + 1)) / 2);
  });
  return { width, height, hotX: 3, hotY: 5, pixels };
}

/** The pixels of the screen with the pointer in it, 0xrrggbb. */
async function withPointer(room: TestSession): Promise<Uint32Array> {
  const { desktop } = room;
  const { width, height } = SIZE;
  const screen = Uint32Array.from({ length: width * height }, (_, i) =>
    desktop.colourAt(i % width, Math.floor(i / width)),
  );
  drawCursor(
    new Uint8Array(screen.buffer),
    SIZE,
    placeCursor(desktop.cursor!, await desktop.pointerPosition()),
  );
  return screen;
}

async function untilPointerShown(room: TestSession, viewer: MemoryViewer): Promise<void> {
  const wanted = (await withPointer(room)).map((colour) => pixelValue(colour, viewer.format));
  await viewer.until('the picture with its pointer', () =>
    viewer.screen.every((pixel, i) => pixel === wanted[i]),
  );
}

/** A session whose desktop has a pointer. */
function createRoom(): TestSession {
  const room = new TestSession({ size: SIZE });
  room.desktop.showCursor(pointer());
  room.desktop.input.movePointer(100, 80);
  return room;
}

/** Counts how often the desktop is asked where its pointer is. */
function countQuestions({ desktop }: TestSession): () => number {
  let asked = 0;
  const ask = desktop.pointerPosition.bind(desktop);
  desktop.pointerPosition = () => {
    asked++;
    return ask();
  };
  return () => asked;
}

suite('a viewer that cannot draw the pointer', () => {
  for (const [name, options] of Object.entries({
    'with continuous updates': STREAMING,
    'requests for each update': { encodings: LOSSLESS },
    'the top of a frame first': {
      ...STREAMING,
      encodings: [...CONTINUOUS, wire.PSEUDO_LAST_RECT],
    },
    '16 bits per pixel': { encodings: LOSSLESS, format: RGB565 },
    Raw: { encodings: [wire.PSEUDO_DESKTOP_SIZE] },
  } as const)) {
    test(`a viewer that cannot draw the pointer sees it wherever it goes: ${name}`, async () => {
      await using room = createRoom();
      const viewer = await room.connect(options);
      await untilPointerShown(room, viewer);
      paintPage(room);
      // Places over flat ground, over the page, that overlap, and outside of the screen.
      for (const [x, y] of [
        [5, 5],
        [200, 200],
        [206, 204],
        [499, 399],
        [-400, 90],
        [63, 64],
      ] as const) {
        room.desktop.input.movePointer(x, y);
        await untilPointerShown(room, viewer);
      }
    });
  }

  test('a viewer that cannot draw the pointer sees a new shape without a capture', async () => {
    await using room = createRoom();
    const viewer = await room.connect(STREAMING);
    await untilPointerShown(room, viewer);
    await room.quiet();
    const { captures } = room.desktop;
    room.desktop.showCursor({ ...pointer(77), width: 12, height: 32, hotX: 11 });
    await untilPointerShown(room, viewer);
    assert.equal(room.desktop.captures, captures);
  });

  test('a viewer that cannot draw the pointer sees it where a viewer moves it', async () => {
    await using room = createRoom();
    const viewer = await room.connect(STREAMING);
    await untilPointerShown(room, viewer);
    viewer.send({ type: 'pointer', buttonMask: 0, x: 333, y: 222, scrollX: 0, scrollY: 0 });
    await viewer.roundTrip();
    assert.deepEqual(await room.desktop.pointerPosition(), { x: 333, y: 222 });
    await untilPointerShown(room, viewer);
  });

  test('a viewer that cannot draw the pointer sees it over new photo-like and flat content', async () => {
    await using room = createRoom();
    const viewer = await room.connect(STREAMING);
    for (let i = 0; i < 30; i++) {
      room.desktop.input.movePointer(90 + i * 4, 80 + i * 3);
      if (i % 2 === 0) room.desktop.paint({ x: 60, y: 50, width: 140, height: 130 }, i * 9999);
      else paintPage(room, { x: 100, y: 60, width: 150, height: 90 });
      if (i % 3 === 0) await turns(i % 10);
    }
    await untilPointerShown(room, viewer);
  });

  test('a viewer that cannot draw the pointer is sent two rects for a move, and then nothing', async () => {
    await using room = createRoom();
    const viewer = await room.connect(STREAMING);
    paintPage(room);
    await untilPointerShown(room, viewer);
    await room.quiet();
    const before = viewer.updates.length;
    room.desktop.input.movePointer(300, 300);
    await untilPointerShown(room, viewer);
    const area = viewer.updates
      .slice(before)
      .flatMap(({ rects }) => rects)
      .reduce((sum, { width, height }) => sum + width * height, 0);
    assert.equal(area, 2 * 16 * 24);
    const sent = viewer.updates.length;
    const asked = countQuestions(room);
    await viewer.until('more looks at the pointer', () => asked() > 2);
    await room.quiet();
    assert.equal(viewer.updates.length, sent, 'updates while the pointer stands still');
  });
});

// The pointer might move between the top and the rest.
test('only viewers that draw the pointer are sent the top of a frame first', async () => {
  await using room = createRoom();
  const openly = (encodings: readonly number[]) =>
    room.connect({ ...STREAMING, encodings: [...encodings, wire.PSEUDO_LAST_RECT] });
  const viewers = [await openly(WITH_CURSOR.encodings), await openly(STREAMING.encodings)];
  const hasOpenUpdate = ({ wire: { sent } }: MemoryViewer): boolean =>
    sent.some(
      (bytes) =>
        bytes.length === 4 && bytes[0] === wire.SERVER_UPDATE && bytes[2] === 0xff && bytes[3] === 0xff,
    );
  for (let i = 1; i < 20; i++) {
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, i);
    await untilPointerShown(room, viewers[1]!);
    await room.untilShown(viewers[0]!);
  }
  assert.deepEqual(viewers.map(hasOpenUpdate), [true, false]);
});

suite('a page that scrolls under the pointer', () => {
  test('a page that scrolls under the pointer is sent as a copy without the pointer', async () => {
    await using room = createRoom();
    const viewer = await room.connect(COPYING);
    paintPage(room);
    await untilPointerShown(room, viewer);
    for (const rows of [7, 40, 11]) {
      const before = viewer.updates.length;
      room.desktop.scroll(PAGE, rows);
      await room.quiet();
      await untilPointerShown(room, viewer);
      const kinds = viewer.updates.slice(before).flatMap(({ rects }) => rects.map(({ body }) => body.kind));
      assert.ok(kinds.includes('copyRect'), `${rows} rows`);
    }
  });

  test('a page that scrolls while the pointer moves shows one pointer in the end, at its place', async () => {
    await using room = createRoom();
    const viewers = [
      await room.connect(COPYING),
      await room.connect({ ...COPYING, encodings: [...COPYING.encodings, wire.PSEUDO_LAST_RECT] }),
      await room.connect({ ...COPYING, updates: 'requested' }),
    ];
    paintPage(room);
    for (let i = 0; i < 60; i++) {
      room.desktop.scroll({ ...PAGE, x: PAGE.x + (i % 5) }, 1 + ((i * 7) % 23));
      viewers[0]!.send({
        type: 'pointer',
        buttonMask: 0,
        x: (i * 37) % 450,
        y: (i * 53) % 380,
        scrollX: 0,
        scrollY: 0,
      });
      if (i % 4 !== 0) await turns(i % 20);
      if (i === 40) paintPage(room);
    }
    await room.quiet();
    for (const viewer of viewers) await untilPointerShown(room, viewer);
  });
});

suite('a viewer that draws the pointer', () => {
  /** Digests of all rects of a full frame. */
  async function fullFrame(room: TestSession, viewer: MemoryViewer): Promise<string[]> {
    await room.quiet();
    const digests: string[] = [];
    const send = viewer.wire.send.bind(viewer.wire);
    viewer.wire.send = (bytes) => {
      // The session writes over its buffers later. An update's own header is shorter than any rect.
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (bytes.length > 12) digests.push(`${bytes.length} ${digest}`);
      send(bytes);
    };
    const { length } = viewer.updates;
    await room.session.sendFullFrame();
    await viewer.untilUpdates(length + 1);
    return digests.sort();
  }

  test('a viewer that draws the pointer is sent the same bytes if another viewer cannot draw it', async () => {
    const sent: string[][] = [];
    for (const accompanied of [false, true]) {
      await using room = createRoom();
      // Without fences nothing is known of the link, so that a full frame goes in one piece.
      const viewer = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_CURSOR_WITH_ALPHA] });
      paintPage(room);
      await room.untilShown(viewer);
      if (accompanied) await untilPointerShown(room, await room.connect(STREAMING));
      sent.push(await fullFrame(room, viewer));
    }
    assert.ok(sent[0]!.length > 0);
    assert.deepEqual(sent[1], sent[0]);
  });

  test('a viewer that draws the pointer is sent nothing for its move, and the desktop is not asked', async () => {
    await using room = createRoom();
    const asked = countQuestions(room);
    const viewer = await room.connect(WITH_CURSOR);
    await room.untilShown(viewer);
    await room.quiet();
    const { length } = viewer.updates;
    viewer.send({ type: 'pointer', buttonMask: 0, x: 33, y: 22, scrollX: 0, scrollY: 0 });
    await room.quiet();
    assert.equal(viewer.updates.length, length);
    assert.equal(asked(), 0);

    const other = await room.connect(STREAMING);
    await other.until('a look', () => asked() > 0);
    other.wire.vanish();
    await viewer.until('its end', () => room.session.connections().length === 1);
    await room.quiet();
  });
});

suite('the place of the pointer', () => {
  const IMAGE = pointer();
  const VIEWER = { lack: () => undefined };

  /** Lets that much time pass, and runs the looks that become due. */
  async function pass(t: TestContext, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      t.mock.timers.tick(10);
      await turns(1);
    }
  }

  test('the desktop is asked for the pointer’s place only while a viewer needs it', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const pointerPosition = async () => ({ x: asked++, y: 0 });
    const cursor = new DrawnCursor({ cursor: IMAGE, pointerPosition }, 16, () => undefined);
    cursor.moved();
    await pass(t, 1000);
    assert.equal(asked, 0);
    cursor.serve(VIEWER, true);
    await pass(t, 1000);
    assert.ok(asked > 3, `${asked} questions`);
    cursor.serve(VIEWER, false);
    await turns(3);
    const before = asked;
    cursor.moved();
    await pass(t, 1000);
    assert.equal(asked, before);
  });

  test('a viewer that turns its own cursor on and off does not have the desktop asked more often', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const pointerPosition = async () => ({ x: asked++, y: 0 });
    const cursor = new DrawnCursor({ cursor: IMAGE, pointerPosition }, 60_000, () => undefined);
    for (let i = 0; i < 100; i++) {
      cursor.serve(VIEWER, true);
      await turns(1);
      cursor.serve(VIEWER, false);
      await turns(1);
    }
    assert.equal(asked, 1);
    cursor.close();
  });

  test('the desktop is asked for the pointer’s place again although an answer never came', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const pointerPosition = () => {
      asked++;
      return new Promise<never>(() => undefined);
    };
    const cursor = new DrawnCursor({ cursor: IMAGE, pointerPosition }, 16, () => undefined);
    cursor.serve(VIEWER, true);
    await pass(t, 30_000);
    assert.ok(asked >= 2 && asked <= 10, `${asked} questions`);
    cursor.close();
  });

  test('the desktop is asked for the pointer’s place less often while it refuses to tell', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const pointerPosition = async () => {
      asked++;
      throw new Error('no display');
    };
    const cursor = new DrawnCursor({ cursor: IMAGE, pointerPosition }, 16, () => undefined);
    cursor.serve(VIEWER, true);
    for (let i = 0; i < 100; i++) {
      cursor.moved();
      await pass(t, 10);
    }
    // The mocked timers do not advance performance.now(), so each timer that fires causes one look.
    assert.ok(asked >= 2 && asked <= 6, `${asked} questions in a second`);
    cursor.close();
  });
});

suite('a viewer whose settings or rights change', () => {
  test('a viewer has the pointer in its picture only while it cannot draw it', async () => {
    await using room = createRoom();
    const viewer = await room.connect(COPYING);
    paintPage(room);
    await untilPointerShown(room, viewer);
    viewer.send({ type: 'setEncodings', encodings: [...COPYING.encodings, wire.PSEUDO_CURSOR] });
    await room.untilShown(viewer);
    room.desktop.scroll(PAGE, 13);
    await room.untilShown(viewer);
    viewer.send({ type: 'setEncodings', encodings: [...COPYING.encodings] });
    await untilPointerShown(room, viewer);
  });

  test('a viewer sees the pointer only with the right to read', async () => {
    await using room = createRoom();
    const viewer = await room.connect(STREAMING);
    await untilPointerShown(room, viewer);
    const change = (read: boolean): void =>
      room.session.usersChanged([{ name: OWNER.name, user: { ...OWNER, read }, passwordChanged: false }]);
    change(false);
    room.desktop.input.movePointer(222, 111);
    await viewer.until('the blank', () => viewer.screen.every((pixel) => pixel === 0));
    await room.quiet();
    assert.ok(viewer.screen.every((pixel) => pixel === 0));
    change(true);
    await untilPointerShown(room, viewer);
  });
});

test('the pointer of a lost desktop stays in the picture, and is followed again when the display is back', async () => {
  await using room = createRoom();
  const viewer = await room.connect(STREAMING);
  await untilPointerShown(room, viewer);
  const before = viewer.screen.slice();
  const asked = countQuestions(room);
  room.desktop.lose();
  await viewer.until('refusals', () => asked() > 2);
  assert.deepEqual(viewer.screen, before);
  room.desktop.bringBack();
  room.desktop.input.movePointer(44, 55);
  await untilPointerShown(room, viewer);
});
