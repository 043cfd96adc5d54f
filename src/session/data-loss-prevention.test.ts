import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, suite, test } from 'node:test';
import { CONTINUOUS, LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { COPYING, PAGE, paintPage } from '../../test/support/scrolling-page.ts';
import { TestSession } from '../../test/support/test-session.ts';
import type { DlpRules, WatermarkSettings } from '../config/dlp/dlp-settings.ts';
import { packedSource } from '../encode/encoders/pixel-source.ts';
import { encodePng } from '../encode/encoders/png.ts';
import { decodePng } from '../encode/overlay/decode-png.ts';
import { drawOverlay } from '../encode/overlay/draw-overlay.ts';
import { EncoderPool } from '../encode/pool.ts';
import type { Rect } from '../pixels/rect.ts';
import { contains, visibleRect } from '../pixels/visible-region.ts';
import * as wire from '../protocol/constants.ts';
import { Overlays } from './dlp/overlays.ts';
import type { ScreenshotRequest } from './session.ts';

const SIZE = { width: 500, height: 400 };
const inset = (px: number) => ({ kind: 'inset', px }) as const;
const REGION = { left: inset(100), top: inset(50), right: inset(70), bottom: inset(90) };
const VISIBLE = visibleRect(REGION, SIZE);
const CONCEALED: Rect = { x: 10, y: 10, width: 80, height: 30 };
const STREAMING = { encodings: CONTINUOUS, updates: 'continuous' } as const;

const text = (template: string, spacingPx = 20): WatermarkSettings => ({
  content: { kind: 'text', template, sizePx: 24, angle: 30, timeZone: 'UTC' },
  location: undefined,
  spacingPx,
  tint: { red: 255, green: 255, blue: 255, alpha: 120 },
});

const createRoom = (dlp: Partial<DlpRules>): TestSession => new TestSession({ size: SIZE, dlp });
const named = (name: string) => ({ ...OWNER, name });

/** The screen as a user should see it, 0xrrggbb. */
function expected(room: TestSession, rules: Partial<DlpRules>, user: string, time = new Date()): Uint32Array {
  const pixels = packedSource(SIZE, new Uint8Array(SIZE.width * SIZE.height * 4));
  for (let i = 0; i < pixels.words.length; i++)
    pixels.words[i] = room.desktop.colourAt(i % SIZE.width, Math.floor(i / SIZE.width));
  const overlays = new Overlays({ forAll: rules as DlpRules, byUser: new Map() });
  const overlay = overlays.of({ user, address: '127.0.0.1' }, time);
  if (overlay) drawOverlay(pixels, { x: 0, y: 0, ...SIZE }, overlay, SIZE);
  return pixels.words;
}

const equal = (a: Uint32Array, b: Uint32Array): boolean => a.every((pixel, i) => pixel === b[i]);

async function untilSeen(room: TestSession, viewer: MemoryViewer, rules: Partial<DlpRules>, user: string) {
  const wanted = expected(room, rules, user);
  await viewer.until('the picture with its overlay', () => equal(viewer.screen, wanted));
}

const request = (overrides: Partial<ScreenshotRequest> = {}): ScreenshotRequest => ({
  ...{ width: undefined, height: undefined, quality: 9, format: 'png', crop: undefined, cursor: true },
  onlooker: { user: 'owner', address: '127.0.0.1' },
  ...overrides,
});

/** The pixels of a screenshot, 0xrrggbb. */
async function screenshot(room: TestSession, overrides?: Partial<ScreenshotRequest>): Promise<Uint32Array> {
  const { rgba } = decodePng((await room.session.screenshot(request(overrides))).bytes);
  return Uint32Array.from(
    { length: rgba.length / 4 },
    (_, i) => (rgba[i * 4]! << 16) | (rgba[i * 4 + 1]! << 8) | rgba[i * 4 + 2]!,
  );
}

suite('a concealed region', () => {
  const rules = { visibleRegion: REGION };

  for (const [name, options] of Object.entries({
    'continuous updates': STREAMING,
    'requests for each update': { encodings: LOSSLESS },
    Raw: { encodings: [wire.PSEUDO_DESKTOP_SIZE] },
    CopyRect: COPYING,
  } as const)) {
    test(`a viewer is sent black instead of the concealed region: ${name}`, async () => {
      await using room = createRoom(rules);
      paintPage(room, { x: 0, y: 0, ...SIZE });
      const viewer = await room.connect(options);
      await untilSeen(room, viewer, rules, 'owner');
      room.desktop.scroll(PAGE, 30);
      await untilSeen(room, viewer, rules, 'owner');
      // The viewer may ask for any part.
      viewer.request(false);
      await room.quiet();
      const concealed = viewer.screen.filter(
        (_, i) => !contains(VISIBLE, { x: i % SIZE.width, y: Math.floor(i / SIZE.width) }),
      );
      assert.ok(concealed.length > 0 && concealed.every((pixel) => pixel === 0));
    });
  }

  test('a change in the concealed region is not sent to the viewer, not even as black', async () => {
    await using room = createRoom(rules);
    const viewer = await room.connect(STREAMING);
    await untilSeen(room, viewer, rules, 'owner');
    await room.quiet();
    const before = viewer.updates.length;
    room.desktop.paint(CONCEALED, 0xff0000);
    await room.quiet();
    assert.equal(viewer.updates.length, before);
  });

  test('the encoding of a concealed part does not tell whether a picture is there', async () => {
    await using room = createRoom(rules);
    const encodings = [...CONTINUOUS, wire.PSEUDO_QUALITY_FIRST + 6];
    const concealed = { x: 0, y: 0, width: SIZE.width, height: 48 };
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x808080);
    for (const isPhoto of [false, true]) {
      if (isPhoto) paintPage(room, concealed);
      const viewer = await room.connect({ encodings, updates: 'continuous' });
      await viewer.until('a part of the screen', () => viewer.pixelAt(200, 200) === 0x808080);
      await room.quiet();
      const before = viewer.updates.length;
      viewer.send({ type: 'updateRequest', incremental: false, ...concealed });
      await viewer.untilUpdates(before + 1);
      const kinds = viewer.rects.map(({ body }) => body.kind);
      assert.ok(!kinds.includes('tightJpeg'), `photo: ${isPhoto}`);
      assert.equal(kinds.at(-1), 'tightFill', `photo: ${isPhoto}`);
      viewer.wire.vanish();
    }
  });

  test('a pointer that is drawn for a viewer causes no update while it is in the concealed region', async () => {
    await using room = new TestSession({ size: SIZE, dlp: rules, free: ['free'] });
    const pixels = new Uint8Array(8 * 8 * 4).fill(255);
    room.desktop.showCursor({ width: 8, height: 8, hotX: 0, hotY: 0, pixels });
    room.desktop.input.movePointer(300, 200);
    const viewer = await room.connect(STREAMING);
    const witness = await room.connect({ ...STREAMING, user: named('free') });
    const moveTo = async (x: number, y: number): Promise<void> => {
      witness.send({ type: 'pointer', x, y, buttonMask: 0, scrollX: 0, scrollY: 0 });
      await witness.until(`the pointer at ${x},${y}`, () => witness.pixelAt(x + 7, y + 7) === 0xffffff);
    };
    await viewer.until('the pointer', () => viewer.pixelAt(302, 202) === 0xffffff);
    await moveTo(20, 20);
    await viewer.until('the pointer to be gone', () => viewer.pixelAt(302, 202) !== 0xffffff);
    await room.quiet();
    const before = viewer.updates.length;
    for (const x of [30, 40, 50]) await moveTo(x, 30);
    await room.quiet();
    assert.equal(viewer.updates.length, before);
    await moveTo(200, 200);
    await viewer.until('the pointer in the visible region', () => viewer.pixelAt(202, 202) === 0xffffff);
  });

  test('a screenshot conceals the same region, at any size and in any crop', async () => {
    await using room = createRoom(rules);
    paintPage(room, { x: 0, y: 0, ...SIZE });
    assert.ok(equal(await screenshot(room, { cursor: false }), expected(room, rules, 'owner')));
    assert.ok((await screenshot(room, { crop: CONCEALED })).every((pixel) => pixel === 0));
    assert.ok((await screenshot(room, { crop: CONCEALED, width: 20 })).every((pixel) => pixel === 0));
  });

  test('a rect inside the visible region is encoded once for viewers with and without rules', async () => {
    await using room = new TestSession({ size: SIZE, dlp: rules, free: ['free'] });
    const limited = await room.connect(STREAMING);
    const free = await room.connect({ ...STREAMING, user: named('free') });
    await untilSeen(room, limited, rules, 'owner');
    await room.untilShown(free);
    await room.quiet();
    const { mock: counter } = mock.method(EncoderPool.prototype, 'encodeRect');
    const rect = { x: 150, y: 100, width: 40, height: 30 };
    room.desktop.paint(rect, 0x00ff00);
    await untilSeen(room, limited, rules, 'owner');
    await room.untilShown(free);
    assert.equal(counter.callCount(), 1);
    mock.restoreAll();
  });
});

suite('a watermark', () => {
  const rules = { watermark: text('${USER} ${ADDRESS}') };

  test('each user sees their own watermark, and viewers of one user share every rect', async () => {
    await using room = createRoom(rules);
    paintPage(room);
    const ann = await room.connect({ ...STREAMING, user: named('ann') });
    const bob = await room.connect({ ...STREAMING, user: named('bob') });
    await untilSeen(room, ann, rules, 'ann');
    await untilSeen(room, bob, rules, 'bob');
    assert.ok(!equal(ann.screen, bob.screen));
    const again = await room.connect({ ...STREAMING, user: named('ann') });
    await untilSeen(room, again, rules, 'ann');
    await room.quiet();
    const { mock: counter } = mock.method(EncoderPool.prototype, 'encodeRect');
    room.desktop.paint({ x: 150, y: 100, width: 40, height: 30 }, 0x00ff00);
    for (const [viewer, user] of [
      [ann, 'ann'],
      [again, 'ann'],
      [bob, 'bob'],
    ] as const)
      await untilSeen(room, viewer, rules, user);
    assert.equal(counter.callCount(), 2);
    mock.restoreAll();
  });

  test('content that moves does not move the watermark', async () => {
    await using room = createRoom(rules);
    paintPage(room);
    const viewer = await room.connect(COPYING);
    await untilSeen(room, viewer, rules, 'owner');
    for (const rows of [7, 30]) {
      room.desktop.scroll(PAGE, rows);
      await untilSeen(room, viewer, rules, 'owner');
    }
    assert.equal(viewer.rectsOf('copyRect').length, 0);
  });

  test('a screenshot has the watermark of the user who asked for it', async () => {
    await using room = createRoom(rules);
    const pictures = [];
    for (const user of ['ann', 'bob', 'ann']) {
      const onlooker = { user, address: '127.0.0.1' };
      pictures.push(await screenshot(room, { onlooker }));
      assert.ok(equal(pictures.at(-1)!, expected(room, rules, user)), user);
    }
    assert.ok(!equal(pictures[0]!, pictures[1]!));
  });

  test('the watermark shows the time, and the next minute', async (t) => {
    const timed = { watermark: text('%H:%M', 0) };
    t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 1, 3, 4, 5, 59, 900) });
    await using room = createRoom(timed);
    const viewer = await room.connect(STREAMING);
    await untilSeen(room, viewer, timed, 'owner');
    const five = viewer.screen.slice();
    // The clock looks 100 ms after it last did, since the time stands still.
    t.mock.timers.setTime(Date.UTC(2026, 1, 3, 4, 6, 0));
    await untilSeen(room, viewer, timed, 'owner');
    assert.ok(!equal(five, viewer.screen));
  });

  test('the next second of a watermark that covers the screen is sent as the digits that changed', async (t) => {
    const timed = { watermark: text('${USER} %H:%M:%S') };
    t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 1, 3, 4, 5, 7, 900) });
    await using room = createRoom(timed);
    paintPage(room);
    const viewer = await room.connect(STREAMING);
    await untilSeen(room, viewer, timed, 'owner');
    await room.quiet();
    const before = viewer.rects.length;
    t.mock.timers.setTime(Date.UTC(2026, 1, 3, 4, 5, 8, 0));
    await untilSeen(room, viewer, timed, 'owner');
    const sentPx = viewer.rects.slice(before).reduce((sum, { width, height }) => sum + width * height, 0);
    assert.ok(sentPx > 0 && sentPx < (SIZE.width * SIZE.height) / 8, `${sentPx} pixels`);
  });

  test('an image is drawn in the tint, and a file that is none prevents the start', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-mark-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'mark.png');
    const size = { width: 30, height: 20 };
    const white = packedSource(size, new Uint8Array(size.width * size.height * 4).fill(255));
    writeFileSync(file, encodePng(white));
    const watermark: WatermarkSettings = {
      content: { kind: 'image', file },
      location: { x: -10, y: 10 },
      spacingPx: 0,
      tint: { red: 255, green: 0, blue: 0, alpha: 255 },
    };
    await using room = createRoom({ watermark });
    const viewer = await room.connect(STREAMING);
    await viewer.until(
      'the image',
      () => viewer.pixelAt(460, 10) === 0xff0000 && viewer.pixelAt(489, 29) === 0xff0000,
    );
    assert.notEqual(viewer.pixelAt(459, 10), 0xff0000);
    writeFileSync(file, 'GIF');
    assert.throws(() => createRoom({ watermark }), { code: 'SESSION_WATERMARK_IMAGE' });
  });
});

suite('limits of the clipboard', () => {
  const clipboard = (toClient: boolean, toServer: boolean) => ({
    ...{ delayMs: 0, primary: 'always' as const, formats: ['text' as const] },
    toClient: { isEnabled: toClient, mostBytes: 8 },
    toServer: { isEnabled: toServer, mostBytes: 8 },
  });

  test('a text passes from the desktop to a viewer only if its direction and size are allowed', async () => {
    for (const isAllowed of [true, false]) {
      await using room = createRoom({ clipboard: clipboard(isAllowed, true) });
      const viewer = await room.connect();
      await viewer.roundTrip();
      room.desktop.copyText('too long to pass');
      room.desktop.copyText('short');
      await room.quiet();
      const texts = viewer.messagesOf('cutText').map((message) => message.text);
      assert.deepEqual(texts, isAllowed ? ['short'] : []);
    }
  });

  test('a text passes from a viewer to the desktop only if its direction and size are allowed', async () => {
    for (const isAllowed of [true, false]) {
      await using room = createRoom({ clipboard: clipboard(true, isAllowed) });
      const viewer = await room.connect();
      viewer.send({ type: 'clientCutText', text: 'short' });
      viewer.send({ type: 'clientCutText', text: 'too long to pass' });
      await viewer.roundTrip();
      await room.quiet();
      assert.equal(room.desktop.clipboardText, isAllowed ? 'short' : undefined);
    }
  });
});
