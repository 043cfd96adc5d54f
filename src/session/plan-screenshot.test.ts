import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { pictureSize } from './plan-screenshot.ts';

const size = (width: number, height: number) => ({ width, height });

suite('the size of a screenshot', () => {
  const screen = size(1680, 971);

  test('a screenshot has the size of the screen by default', () => {
    assert.deepEqual(pictureSize(screen, { width: undefined, height: undefined }), screen);
  });

  test('a screenshot with a width and a height has the width', () => {
    assert.deepEqual(pictureSize(screen, { width: 480, height: undefined }), size(480, 277));
    assert.deepEqual(pictureSize(screen, { width: 480, height: 1 }), size(480, 277));
  });

  test('a screenshot with only a height has that height', () => {
    assert.deepEqual(pictureSize(screen, { width: undefined, height: 277 }), size(479, 277));
  });

  test('a screenshot is at least one pixel wide and high', () => {
    assert.deepEqual(pictureSize(screen, { width: 1, height: undefined }), size(1, 1));
    assert.deepEqual(pictureSize(size(3000, 10), { width: 100, height: undefined }), size(100, 1));
  });

  test('a screenshot is never larger than the screen, and keeps its aspect ratio', () => {
    const side = fc.integer({ min: 1, max: 9000 });
    const wanted = fc.option(side, { nil: undefined });
    fc.assert(
      fc.property(side, side, wanted, wanted, (width, height, askedWidth, askedHeight) => {
        const picture = pictureSize(size(width, height), { width: askedWidth, height: askedHeight });
        assert.ok(picture.width >= 1 && picture.width <= width);
        assert.ok(picture.height >= 1 && picture.height <= height);
        if (askedWidth !== undefined) assert.equal(picture.width, Math.min(askedWidth, width));
        const scale = askedWidth !== undefined ? picture.width / width : picture.height / height;
        assert.ok(
          Math.abs(picture.width - width * scale) < 1 && Math.abs(picture.height - height * scale) < 1,
        );
      }),
    );
  });
});
