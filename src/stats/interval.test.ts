import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unionUs } from './interval.ts';

const intervals = fc.array(fc.record({ startUs: fc.nat(50), length: fc.nat(20) }), { maxLength: 8 });

test('a moment counts once, however many intervals contain it', () => {
  fc.assert(
    fc.property(intervals, (list) => {
      const moments = new Set<number>();
      for (const { startUs, length } of list)
        for (let at = startUs; at < startUs + length; at++) moments.add(at);
      const given = list.map(({ startUs, length }) => ({ startUs, endUs: startUs + length }));
      assert.equal(unionUs(given), moments.size);
    }),
  );
});
