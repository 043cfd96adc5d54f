import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirtyTiles } from '../dirty-tiles.ts';
import { BAND_ROWS, bandsOf, runsOf } from './bands.ts';

const SIZE = { width: 700, height: 900 };

test('each row of tiles has a band, inside its damage, and the first ones lie far from each other', () => {
  const damage = new DirtyTiles(SIZE);
  damage.add({ x: 30, y: 100, width: 500, height: 790 });
  const bands = [...bandsOf(runsOf(damage))];
  for (const band of bands) {
    assert.equal(band.height, BAND_ROWS);
    assert.equal(band.x, 30);
    assert.equal(band.width, 500);
    assert.ok(band.y >= 100 && band.y + band.height <= 890);
    assert.equal(band.y >> 6, (band.y + band.height - 1) >> 6, 'in one row of tiles');
  }
  assert.deepEqual(
    bands.map(({ y }) => y >> 6),
    [2, 5, 9, 12, 1, 3, 6, 8, 11, 13, 4, 7, 10],
  );
  assert.ok(new Set(bands.map(({ y }) => y & 63)).size > 3, 'at different rows of their tiles');
});

test('damage of fewer rows than a band has one as high as itself, and no damage has none', () => {
  const damage = new DirtyTiles(SIZE);
  assert.deepEqual([...bandsOf(runsOf(damage))], []);
  damage.add({ x: 1, y: 70, width: 600, height: 5 });
  assert.deepEqual([...bandsOf(runsOf(damage))], [{ x: 1, y: 70, width: 600, height: 5 }]);
});
