import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBasic } from './basic-credentials.ts';

const encoded = (text: string): string => Buffer.from(text).toString('base64');

test('the scheme of Basic credentials may have any letter case', () => {
  for (const scheme of ['Basic', 'basic', 'BASIC', 'bAsIc']) {
    assert.deepEqual(parseBasic(`${scheme} ${encoded('fred:123')}`), { name: 'fred', password: '123' });
  }
});

test('names and passwords of Basic credentials are UTF-8, and a password may have colons or be empty', () => {
  assert.deepEqual(parseBasic(`Basic ${encoded('jürgen:pässwört 🔑:x')}`), {
    name: 'jürgen',
    password: 'pässwört 🔑:x',
  });
  assert.deepEqual(parseBasic(`Basic ${encoded('fred:')}`), { name: 'fred', password: '' });
});

test('a header that is not Basic, base64 and UTF-8, or lacks a colon, has no credentials', () => {
  for (const header of [
    undefined,
    '',
    'Basic',
    'Bearer abc',
    'Basic ?',
    `Basic ${encoded('fred')}`,
    'Basic /zo6',
  ]) {
    assert.equal(parseBasic(header), undefined, String(header));
  }
});
