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

test('credentials that are not UTF-8 are read as Windows-1252, which has Latin-1 in it', () => {
  const latin1 = Buffer.from('jürgen:päss', 'latin1').toString('base64');
  assert.deepEqual(parseBasic(`Basic ${latin1}`), { name: 'jürgen', password: 'päss' });
  const windows1252 = Buffer.from('ada:\x80uro', 'latin1').toString('base64');
  assert.deepEqual(parseBasic(`Basic ${windows1252}`), { name: 'ada', password: '€uro' });
});

test('a header that is not Basic and base64, or lacks a colon, has no credentials', () => {
  for (const header of [undefined, '', 'Basic', 'Bearer abc', 'Basic ?', `Basic ${encoded('fred')}`]) {
    assert.equal(parseBasic(header), undefined, String(header));
  }
});
