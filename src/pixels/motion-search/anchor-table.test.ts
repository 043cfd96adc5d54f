import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AnchorTable, MOST_PROBES, NONE } from './anchor-table.ts';

const HASHES = 8192;

/** Puts the hashes in as entries 1, 2, … and returns the number of those that are found. */
function held(table: AnchorTable, hashes: readonly number[]): number {
  for (const [i, hash] of hashes.entries()) table.put(hash, i + 1);
  return hashes.filter((hash, i) => table.latest(hash) === i + 1).length;
}

suite('the table of anchors', () => {
  test('the table of anchors knows the last entry of a hash, and returns the one before when another is put in', () => {
    const table = new AnchorTable(HASHES);
    assert.equal(table.latest(0xffff_ffff), NONE);
    assert.equal(table.put(0xffff_ffff, 5), NONE);
    assert.equal(table.put(0, 6), NONE);
    assert.equal(table.put(0xffff_ffff, 7), 5);
    assert.deepEqual([table.latest(0xffff_ffff), table.latest(0), table.latest(1)], [7, 6, NONE]);
    table.clear();
    assert.equal(table.latest(0xffff_ffff), NONE);
  });

  test('a hash whose slots are taken by others is skipped, so that no hash takes more than some probes', () => {
    const hashes = Array.from({ length: HASHES }, (_, i) => i);
    assert.equal(held(new AnchorTable(HASHES, 1), hashes), MOST_PROBES);
  });

  test('hashes that are equal in many bits have slots of their own, whichever bits those are', () => {
    for (const shift of [0, 7, 14, 18]) {
      const hashes = Array.from({ length: HASHES }, (_, i) => (i << shift) >>> 0);
      const unique = new Set(hashes).size;
      const table = new AnchorTable(HASHES, 0x9e3779b1);
      assert.ok(held(table, [...new Set(hashes)]) >= 0.98 * unique, `shifted by ${shift}`);
    }
  });
});
