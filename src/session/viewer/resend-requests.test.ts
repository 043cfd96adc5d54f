import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { areaPx, type Rect, wholeOf } from '../../pixels/rect.ts';
import { RESEND_BAND_PX, RESEND_INTERVAL_MS, ResendRequests } from './resend-requests.ts';

const SIZE = { width: 1920, height: 1080 };
const SCREEN = wholeOf(SIZE);

/** Requests with a clock of their own, and what was sent again. */
function create(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  let wakes = 0;
  const viewer = { hasRoom: true, lacksAll: false };
  const resent: Rect[] = [];
  const requests = new ResendRequests({
    now: () => nowMs,
    size: () => SIZE,
    lacksAll: () => viewer.lacksAll,
    hasRoom: () => viewer.hasRoom,
    resend: (rect) => resent.push(rect),
    wake: () => wakes++,
  });
  const advance = (ms: number): void => {
    for (let i = 0; i < ms; i++) {
      nowMs++;
      t.mock.timers.tick(1);
    }
  };
  return { requests, resent, viewer, advance, wakes: () => wakes };
}

const at = (x: number): Rect => ({ x, y: 0, width: 10, height: 10 });
const pixels = (rects: readonly Rect[]): number => rects.reduce((sum, rect) => sum + areaPx(rect), 0);

/** Whether the rects cover all of `part`. */
function cover(rects: readonly Rect[], part: Rect): boolean {
  const tiles = new DirtyTiles(SIZE);
  for (const rect of rects) tiles.add(rect);
  const asked = new DirtyTiles(SIZE);
  asked.add(part);
  return tiles.equals(asked) && pixels(rects) >= areaPx(part);
}

test('a small request is granted at once', (t) => {
  const { requests, resent } = create(t);
  requests.ask(at(0));
  assert.deepEqual(resent, [at(0)]);
});

for (const part of [SCREEN, { x: 3, y: 5, width: 1900, height: 1001 }, { ...SCREEN, height: 137 }]) {
  const { width, height } = part;
  test(`${width} × ${height} pixels are sent again in bands that cover them, within 0.3 s`, (t) => {
    const { requests, resent, advance, wakes } = create(t);
    requests.ask(part);
    assert.equal(resent.length, 1, 'the first band is granted at once');
    advance(300);
    for (const band of resent) assert.ok(areaPx(band) <= RESEND_BAND_PX);
    assert.equal(pixels(resent), areaPx(part), 'the bands do not overlap');
    assert.ok(cover(resent, part));
    assert.equal(wakes(), resent.length - 1);
    advance(1000);
    assert.equal(pixels(resent), areaPx(part), 'nothing is sent twice');
  });
}

test('a part of the picture is sent in bands, even if the request is larger than the picture', (t) => {
  const { requests, resent, advance } = create(t);
  requests.ask({ x: 0, y: 0, width: 65_535, height: 65_535 });
  advance(300);
  assert.ok(cover(resent, SCREEN));
  requests.ask({ x: 5000, y: 0, width: 10, height: 10 });
  assert.equal(pixels(resent), areaPx(SCREEN), 'pixels outside of the picture are not sent');
});

test('a flood of requests for the whole screen gets a bounded number of pixels, and all of the screen', (t) => {
  const { requests, resent, advance } = create(t);
  for (let i = 0; i < 1000; i++) {
    requests.ask(SCREEN);
    advance(1);
  }
  assert.ok(pixels(resent) <= (1 + 1000 / RESEND_INTERVAL_MS) * RESEND_BAND_PX, String(pixels(resent)));
  assert.ok(cover(resent, SCREEN));
});

test('a flood of small requests is merged, and nothing that was requested is left out', (t) => {
  const { requests, resent, advance } = create(t);
  for (let i = 0; i < 1000; i++) {
    requests.ask(at(i));
    advance(1);
  }
  advance(2 * RESEND_INTERVAL_MS);
  assert.ok(resent.length <= 3 + 1000 / RESEND_INTERVAL_MS, String(resent.length));
  assert.ok(cover(resent, { ...at(0), width: 999 + 10 }));
});

test('rows that were sent and are requested anew are sent after the other rows', (t) => {
  const { requests, resent, advance } = create(t);
  requests.ask(SCREEN);
  requests.ask(at(0));
  requests.ask({ x: 0, y: 1070, width: 10, height: 10 });
  advance(400);
  assert.equal(pixels(resent), areaPx(SCREEN) + areaPx(at(0)));
  assert.deepEqual(resent.at(-1), at(0));
});

test('bands wait while no update can begin', (t) => {
  const { requests, resent, viewer, advance } = create(t);
  viewer.hasRoom = false;
  requests.ask(SCREEN);
  advance(1000);
  assert.equal(resent.length, 0);
  viewer.hasRoom = true;
  advance(RESEND_INTERVAL_MS);
  assert.equal(resent.length, 1);
  requests.close();
});

test('a viewer that lacks the whole picture is not sent bands as well', (t) => {
  const { requests, resent, viewer, advance } = create(t);
  viewer.lacksAll = true;
  requests.ask(SCREEN);
  viewer.lacksAll = false;
  advance(1000);
  assert.equal(resent.length, 0);
  requests.ask(SCREEN);
  viewer.lacksAll = true;
  advance(1000);
  assert.equal(resent.length, 1);
});

test('nothing is sent again after the close', (t) => {
  const { requests, resent, advance } = create(t);
  requests.ask(at(0));
  requests.ask(at(1));
  requests.close();
  requests.ask(at(2));
  advance(10 * RESEND_INTERVAL_MS);
  assert.equal(resent.length, 1);
});
