import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_ERRORS } from '../../api/contract/errors.ts';
import { FLEET_ERRORS } from '../../fleet/store/errors.ts';
import { ApiError } from '../api/call-api.ts';
import { REFUSALS, refusalSentence } from './refusals.ts';

test('the list explains only codes that the server has', () => {
  const known = new Set([...Object.keys(FLEET_ERRORS), ...Object.keys(API_ERRORS)]);
  assert.deepEqual(
    Object.keys(REFUSALS).filter((code) => !known.has(code)),
    [],
  );
});

test('a refusal is said in the page’s language, and one that it does not know in the server’s words', () => {
  const refused = (code: string, message = ''): string =>
    refusalSentence(new ApiError(message, 409, code), 'lab-1');
  assert.equal(refused('FLEET_DESKTOP_EXISTS'), 'There is a desktop named lab-1 already.');
  assert.equal(refused('FLEET_MOON', 'The moon is full.'), 'The server refuses this: The moon is full.');
  assert.match(refusalSentence(new ApiError('', undefined, ''), 'lab-1'), /not running/);
});
