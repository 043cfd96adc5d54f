import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDice } from '../../../bench/scenes/dice.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { contains } from '../../pixels/visible-region.ts';
import { packedSource } from '../encoders/pixel-source.ts';
import { drawOverlay } from './draw-overlay.ts';
import { markChanges } from './mark-changes.ts';
import type { Mark, Overlay } from './overlay.ts';
import { textStamp } from './text-stamp.ts';

const SCREEN: Size = { width: 640, height: 400 };

function overlay(text: string, parts: Partial<Mark> = {}, angle = 30): Overlay {
  const stamp = textStamp(text, { sizePx: 20, angle, alpha: 200 });
  const mark = { ...{ stamp, location: undefined, spacingPx: 30, red: 255, green: 0, blue: 0 }, ...parts };
  return { key: JSON.stringify([text, parts, angle]), visible: undefined, mark };
}

function drawn(what: Overlay | undefined, screen: Size): Uint32Array {
  const pixels = packedSource(screen, new Uint8Array(areaPx(screen) * 4));
  pixels.words.fill(0x404040);
  if (what) drawOverlay(pixels, wholeOf(screen), what, screen);
  return pixels.words;
}

const sumPx = (rects: readonly Rect[]): number => rects.reduce((sum, rect) => sum + areaPx(rect), 0);

test('the next second of a text that covers the screen changes the digits of its copies, and little else', () => {
  const rects = markChanges(overlay('ann 12:30:07'), overlay('ann 12:30:08'), SCREEN);
  assert.ok(rects.length > 3);
  assert.ok(sumPx(rects) < areaPx(SCREEN) / 20, `${sumPx(rects)} pixels`);
});

test('each pixel in which two marks differ is in one of the parts that changed, at any place and angle', () => {
  const dice = createDice(7);
  const texts = ['', 'a', '12:30:07', '12:30:08', '12:31:00', 'ann 12:30', undefined];
  for (let i = 0; i < 60; i++) {
    const screen = { width: dice.integer(64, 300), height: dice.integer(64, 200) };
    const place = {
      location: dice.chance(0.5) ? { x: dice.integer(-300, 300), y: dice.integer(-300, 300) } : undefined,
      spacingPx: dice.chance(0.7) ? dice.integer(1, 60) : 0,
    };
    const angle = dice.integer(-180, 180);
    const [before, after] = [dice.pick(texts), dice.pick(texts)].map((text) =>
      text === undefined ? undefined : overlay(text, place, angle),
    );
    const rects = markChanges(before, after, screen);
    const [old, now] = [drawn(before, screen), drawn(after, screen)];
    for (const [at, pixel] of old.entries()) {
      if (pixel === now[at]) continue;
      const point = { x: at % screen.width, y: Math.floor(at / screen.width) };
      assert.ok(
        rects.some((rect) => contains(rect, point)),
        `${point.x},${point.y} of ${before?.key} and ${after?.key}`,
      );
    }
  }
});

test('equal marks change nothing, and another colour changes all of a mark', () => {
  assert.deepEqual(markChanges(overlay('a'), overlay('a'), SCREEN), []);
  assert.deepEqual(markChanges(overlay('a'), overlay('a', { blue: 9 }), SCREEN), [
    wholeOf(SCREEN),
    wholeOf(SCREEN),
  ]);
});

test('a mark with more copies than can be sent one by one changes the whole screen', () => {
  const tiny = (text: string): Overlay => overlay(text, { spacingPx: 1 }, 0);
  assert.deepEqual(markChanges(tiny('1'), tiny('2'), { width: 3840, height: 2160 }), [
    wholeOf({ width: 3840, height: 2160 }),
  ]);
});
