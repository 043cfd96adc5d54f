import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesToKeep } from './files-to-keep.ts';

const COMMON = [
  'favicon.svg',
  'main-K3J5QZ7A.js',
  'people-panel-0123ABCD.js',
  'statistics-panel-0123ABCD.js',
];
const FILES = [
  ...COMMON,
  ...['texts-de-AAAAAAAA.js', 'texts-ja-AAAAAAAA.js', 'bar-texts-de-AAAAAAAA.js'],
  ...['owner-texts-de-AAAAAAAA.js', 'owner-texts-en-AAAAAAAA.js', 'owner-texts-ja-AAAAAAAA.js'],
];

for (const [languages, texts] of [
  [
    ['de-AT', 'en'],
    ['texts-de-AAAAAAAA.js', 'bar-texts-de-AAAAAAAA.js', 'owner-texts-de-AAAAAAAA.js'],
  ],
  [['ja'], ['texts-ja-AAAAAAAA.js', 'owner-texts-ja-AAAAAAAA.js']],
  [['nl', 'pt'], ['owner-texts-en-AAAAAAAA.js']],
  [[], ['owner-texts-en-AAAAAAAA.js']],
] as const) {
  test(`for a browser in ${languages.join(', ') || 'no language'}, the texts of one language are kept`, () => {
    assert.deepEqual(filesToKeep(FILES, languages), [...COMMON, ...texts]);
  });
}
