import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { contentOf, UpdateCost } from './update-cost.ts';

const SIZE = { width: 640, height: 640 };
const AREA = 640 * 640;
const WHOLE = DirtyTiles.whole(SIZE);
const PHOTO = new Uint16Array(tileCount(SIZE)).fill(129);
const PLAIN = new Uint16Array(tileCount(SIZE)).fill(1);
const JPEG = jpegQualityOf(5);

test('the estimate of JPEG rises with its quality and stays below that of no loss', () => {
  const cost = new UpdateCost();
  const levels = Array.from({ length: 10 }, (_, level) => cost.photo(AREA, jpegQualityOf(level)));
  assert.deepEqual(
    levels,
    [...levels].sort((a, b) => a - b),
  );
  for (const quality of [1, 15, 50, 100]) {
    const bytes = cost.photo(AREA, { quality, subsampling: '4:2:0' });
    assert.ok(bytes > 0 && bytes < cost.photo(AREA, undefined), `${quality}: ${bytes}`);
  }
});

test('the estimate of an update depends on the colours and the dirty pixels of its tiles', () => {
  const cost = new UpdateCost();
  const half = new DirtyTiles(SIZE);
  half.add({ x: 0, y: 0, width: 640, height: 32 });
  assert.ok(Math.abs(cost.all(contentOf(half, PHOTO), JPEG).jpeg - cost.photo(640 * 32, JPEG)) < 1e-6);
  assert.equal(cost.all(contentOf(half, PHOTO), JPEG).lossless, 0);
  const plain = cost.all(contentOf(WHOLE, PLAIN), JPEG);
  assert.equal(plain.jpeg, 0);
  assert.ok(plain.lossless > 0 && plain.lossless < 1000);
  assert.equal(cost.all(contentOf(WHOLE, PHOTO), undefined).jpeg, 0);
});

test('a low estimate is corrected at once, a high one in steps, and that of the other kind not at all', () => {
  const cost = new UpdateCost();
  const before = cost.all(contentOf(WHOLE, PHOTO), JPEG);
  const plain = cost.all(contentOf(WHOLE, PLAIN), JPEG);
  cost.learn(before, { jpeg: before.jpeg * 3, lossless: 0 });
  assert.ok(Math.abs(cost.all(contentOf(WHOLE, PHOTO), JPEG).jpeg / before.jpeg - 3) < 1e-9);
  for (let i = 0, known = 3; i < 20; i++) {
    cost.learn(cost.all(contentOf(WHOLE, PHOTO), JPEG), before);
    const next = cost.all(contentOf(WHOLE, PHOTO), JPEG).jpeg / before.jpeg;
    assert.ok(next < known && next >= 1);
    known = next;
  }
  assert.ok(cost.all(contentOf(WHOLE, PHOTO), JPEG).jpeg < before.jpeg * 1.01);
  assert.deepEqual(cost.all(contentOf(WHOLE, PLAIN), JPEG), plain);
});

test('an update of few bytes does not correct the estimates', () => {
  const cost = new UpdateCost();
  cost.learn({ jpeg: 100, lossless: 100 }, { jpeg: 2000, lossless: 2000 });
  assert.equal(cost.photo(AREA, JPEG), new UpdateCost().photo(AREA, JPEG));
});
