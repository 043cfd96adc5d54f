import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsBrotli } from './accepts-brotli.ts';

for (const [header, accepts] of [
  [undefined, false],
  ['', false],
  ['gzip, deflate, br, zstd', true],
  ['br', true],
  ['BR;q=0.1', true],
  ['br;q=0', false],
  ['gzip, br ; q=0.000', false],
  ['gzip, deflate', false],
  ['brotli', false],
  // A client that takes anything may be one that decodes nothing.
  ['*', false],
] as const) {
  test(`Brotli is ${accepts ? '' : 'not '}taken by Accept-Encoding: ${header}`, () => {
    assert.equal(acceptsBrotli(header), accepts);
  });
}
