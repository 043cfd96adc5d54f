import assert from 'node:assert/strict';
import { test } from 'node:test';
import jpegTurbo from '@julusian/jpeg-turbo';
import { ViewerFramebuffer } from './viewer-framebuffer.ts';

const { compressSync, FORMAT_BGRX, SAMP_444 } = jpegTurbo;

function framebuffer(width: number, height: number): ViewerFramebuffer {
  const made = new ViewerFramebuffer();
  made.resize({ width, height });
  return made;
}

const show = (shown: ViewerFramebuffer): number[][] =>
  Array.from({ length: shown.size.height }, (_, y) =>
    Array.from({ length: shown.size.width }, (_column, x) => shown.pixelAt(x, y)),
  );

test('fill and put change only the rect', () => {
  const shown = framebuffer(4, 3);
  shown.fill({ x: 1, y: 0, width: 2, height: 2 }, 0x010203);
  shown.put({ x: 3, y: 1, width: 1, height: 2 }, Uint8Array.of(9, 8, 7, 99, 6, 5, 4, 99));
  assert.deepEqual(show(shown), [
    [0, 0x010203, 0x010203, 0],
    [0, 0x010203, 0x010203, 0x070809],
    [0, 0, 0, 0x040506],
  ]);
});

test('copy moves overlapping rects in every direction', () => {
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, 1],
    [-1, -1],
    [1, -1],
  ] as const) {
    const shown = framebuffer(5, 5);
    for (let i = 0; i < 25; i++) shown.fill({ x: i % 5, y: Math.floor(i / 5), width: 1, height: 1 }, i + 1);
    const before = show(shown);
    shown.copy(1, 1, { x: 1 + dx, y: 1 + dy, width: 3, height: 3 });
    for (let y = 1; y < 4; y++) {
      for (let x = 1; x < 4; x++) assert.equal(shown.pixelAt(x + dx, y + dy), before[y]![x]);
    }
  }
});

test('a JPEG picture is decoded into its rect, at full width or less', () => {
  const grey = Buffer.alloc(16 * 8 * 4, 0x80);
  const jpeg = compressSync(grey, {
    format: FORMAT_BGRX,
    width: 16,
    height: 8,
    quality: 90,
    subsampling: SAMP_444,
  });
  for (const [width, x] of [
    [16, 0],
    [20, 3],
  ] as const) {
    const shown = framebuffer(width, 10);
    shown.putJpeg({ x, y: 1, width: 16, height: 8 }, jpeg);
    assert.equal(shown.pixelAt(x, 1), 0x808080);
    assert.equal(shown.pixelAt(x + 15, 8), 0x808080);
    assert.equal(shown.pixelAt(x, 0), 0);
    assert.equal(shown.pixelAt(x, 9), 0);
    assert.throws(() => shown.putJpeg({ x, y: 1, width: 15, height: 8 }, jpeg));
    assert.throws(() => shown.putJpeg({ x, y: 1, width: 16, height: 7 }, jpeg));
  }
});

test('a JPEG picture smaller than its rect is stretched over exactly that rect', () => {
  const [width, height] = [16, 8];
  const halves = Buffer.alloc(width * height * 4);
  for (let i = 0; i < halves.length; i++) halves[i] = (i >> 2) % width < width / 2 ? 0 : 0xff;
  const jpeg = compressSync(halves, {
    format: FORMAT_BGRX,
    width,
    height,
    quality: 100,
    subsampling: SAMP_444,
  });
  for (const [fullWidth, x] of [
    [37, 0],
    [40, 2],
  ] as const) {
    const shown = framebuffer(fullWidth, 20);
    shown.fill({ x: 0, y: 0, width: fullWidth, height: 20 }, 0x123456);
    shown.putJpeg({ x, y: 3, width: 37, height: 15 }, jpeg);
    for (let y = 0; y < 20; y++) {
      for (let column = 0; column < fullWidth; column++) {
        const isInside = y >= 3 && y < 18 && column >= x && column < x + 37;
        const isLeft = (column - x + 0.5) / 37 < 0.5;
        const expected = !isInside ? 0x123456 : isLeft ? 0 : 0xffffff;
        assert.equal(shown.pixelAt(column, y), expected, `${column},${y}`);
      }
    }
  }
});

test('a resize keeps the part common to both sizes', () => {
  const shown = framebuffer(2, 2);
  shown.fill({ x: 0, y: 0, width: 2, height: 2 }, 5);
  shown.resize({ width: 3, height: 1 });
  assert.deepEqual(show(shown), [[5, 5, 0]]);
});

test('the framebuffer refuses rects outside it', () => {
  const shown = framebuffer(4, 4);
  assert.throws(() => shown.fill({ x: 3, y: 0, width: 2, height: 1 }, 0), RangeError);
  assert.throws(() => shown.put({ x: 0, y: -1, width: 1, height: 1 }, new Uint8Array(4)), RangeError);
  assert.throws(() => shown.copy(0, 3, { x: 0, y: 0, width: 1, height: 2 }), RangeError);
});
