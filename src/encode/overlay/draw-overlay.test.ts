import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rect, Size } from '../../pixels/rect.ts';
import type { Edge, VisibleRegion } from '../../pixels/visible-region.ts';
import { packedSource } from '../encoders/pixel-source.ts';
import { drawOverlay } from './draw-overlay.ts';
import { copiesOf, type Mark, type Overlay, touches } from './overlay.ts';
import { stampOf } from './stamp.ts';

const SCREEN: Size = { width: 60, height: 40 };
const WHOLE: Rect = { x: 0, y: 0, ...SCREEN };
const GROUND = 0x204060;

/** Pixels of one colour for a part of the screen. `scaled` is their size. */
function ground(scaled: Size) {
  const source = packedSource(scaled, new Uint8Array(scaled.width * scaled.height * 4));
  source.words.fill(GROUND);
  return source;
}

/** A stamp of 5 × 3 pixels with ink on its border. */
const stamp = stampOf(
  { width: 5, height: 3 },
  Uint8Array.of(255, 255, 128, 255, 255, 255, 0, 0, 0, 255, 1, 2, 3, 4, 255),
);
const mark = (overrides: Partial<Mark> = {}): Mark => ({
  ...{ stamp, location: { x: 10, y: 20 }, spacingPx: 0, red: 255, green: 0, blue: 0 },
  ...overrides,
});
const at = (px: number): Edge => ({ kind: 'at', px });
const VISIBLE: VisibleRegion = { left: at(11), top: at(7), right: at(50), bottom: at(31) };
const overlay = (parts: Partial<Overlay>): Overlay => ({
  key: 'x',
  visible: undefined,
  mark: undefined,
  ...parts,
});

/** The pixels of a part of the screen, as the overlay leaves them. */
function drawn(rect: Rect, what: Overlay, scaled: Size = rect): Uint32Array {
  const source = ground(scaled);
  drawOverlay(source, rect, what, SCREEN);
  return source.words.slice(0, scaled.width * scaled.height);
}

test('everything outside the visible region becomes black, and nothing inside', () => {
  const words = drawn(WHOLE, overlay({ visible: VISIBLE }));
  words.forEach((pixel, i) => {
    const [x, y] = [i % SCREEN.width, Math.floor(i / SCREEN.width)];
    const isVisible = x >= 11 && x < 50 && y >= 7 && y < 31;
    assert.equal(pixel, isVisible ? GROUND : 0, `${x},${y}`);
  });
});

test('a stamp is mixed into the pixels by its opacity, at its place only', () => {
  const words = drawn(WHOLE, overlay({ mark: mark() }));
  const pixel = (x: number, y: number) => words[y * SCREEN.width + x];
  assert.equal(pixel(10, 20), 0xff0000);
  assert.equal(pixel(12, 20), 0x902030, 'half of both');
  assert.equal(pixel(11, 21), GROUND, 'no ink');
  assert.equal(pixel(14, 22), 0xff0000);
  assert.equal(words.filter((word) => word !== GROUND).length, stamp.alphas.length - 0);
});

for (const [name, location, first] of [
  ['from the left and upper border', { x: 10, y: 20 }, { x: 10, y: 20 }],
  ['from the right and lower border', { x: -10, y: -20 }, { x: 45, y: 17 }],
  ['in the centre', undefined, { x: 27, y: 18 }],
  ['at the border of a screen that was made too small for its place', { x: 500, y: -500 }, { x: 55, y: 0 }],
] as const) {
  test(`a watermark is placed ${name}`, () => {
    assert.deepEqual(copiesOf(mark({ location }), SCREEN).first, { ...first, width: 5, height: 3 });
  });
}

const REPEATED = overlay({ mark: mark({ spacingPx: 2 }), visible: VISIBLE });

test('copies of a watermark cover the screen from border to border', () => {
  const words = drawn(WHOLE, overlay({ mark: mark({ spacingPx: 2 }) }));
  const row = (y: number) => [...words.subarray(y * SCREEN.width, (y + 1) * SCREEN.width)];
  // The pitch is 7 × 5, so copies begin in columns 3, 10, 17 …, and in rows 0, 5, 10 ….
  for (let x = 3; x < SCREEN.width; x += 7)
    for (let y = 0; y < SCREEN.height; y += 5) assert.equal(row(y)[x], 0xff0000);
  assert.equal(row(0)[0], 0xff0000, 'the end of a copy that begins outside');
  assert.ok(row(3).every((pixel) => pixel === GROUND));
});

test('a picture that is drawn in parts equals one that is drawn at once, wherever it is cut', () => {
  const whole = drawn(WHOLE, REPEATED);
  for (const size of [1, 7, 13, 32]) {
    for (let y = 0; y < SCREEN.height; y += size) {
      for (let x = 0; x < SCREEN.width; x += size) {
        const rect = {
          x,
          y,
          width: Math.min(size, SCREEN.width - x),
          height: Math.min(size, SCREEN.height - y),
        };
        const part = drawn(rect, REPEATED);
        for (let i = 0; i < part.length; i++) {
          const [px, py] = [x + (i % rect.width), y + Math.floor(i / rect.width)];
          assert.equal(part[i], whole[py * SCREEN.width + px], `${px},${py} in parts of ${size}`);
        }
      }
    }
  }
});

test('in a picture that is scaled down, each pixel that covers a concealed one is black', () => {
  const scaled = { width: 25, height: 17 };
  const words = drawn(WHOLE, overlay({ visible: VISIBLE }), scaled);
  words.forEach((pixel, i) => {
    const [x, y] = [i % scaled.width, Math.floor(i / scaled.width)];
    const left = (x * SCREEN.width) / scaled.width;
    const right = ((x + 1) * SCREEN.width) / scaled.width;
    const top = (y * SCREEN.height) / scaled.height;
    const bottom = ((y + 1) * SCREEN.height) / scaled.height;
    const isInside = left >= 11 && right <= 50 && top >= 7 && bottom <= 31;
    assert.equal(pixel, isInside ? GROUND : 0, `${x},${y}`);
  });
});

test('a watermark is also in a picture that is scaled down', () => {
  const words = drawn(WHOLE, overlay({ mark: mark({ spacingPx: 2 }) }), { width: 30, height: 20 });
  assert.ok(words.filter((pixel) => pixel !== GROUND).length > words.length / 10);
});

test('a region without pixels conceals everything', () => {
  const nothing = { ...VISIBLE, right: at(0) };
  assert.ok(drawn(WHOLE, overlay({ visible: nothing, mark: mark() })).every((pixel) => pixel === 0));
});

test('an overlay touches a rect if it may change a pixel of it', () => {
  const inside = { x: 20, y: 10, width: 10, height: 10 };
  assert.ok(!touches(overlay({ visible: VISIBLE }), inside, SCREEN));
  assert.ok(touches(overlay({ visible: VISIBLE }), { ...inside, x: 10 }, SCREEN));
  assert.ok(!touches(overlay({ mark: mark() }), inside, SCREEN));
  assert.ok(touches(overlay({ mark: mark() }), { ...inside, x: 14, y: 22 }, SCREEN));
  assert.ok(touches(overlay({ mark: mark({ spacingPx: 1 }) }), inside, SCREEN));
});
