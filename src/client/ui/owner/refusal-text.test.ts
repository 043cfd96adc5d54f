import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ApiError } from '../../api/call-api.ts';
import { loadOwnerTexts } from '../../text/owner-texts.ts';
import { refusalText, SENTENCES } from './refusal-text.ts';

before(loadOwnerTexts);

const CODES = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8');

test('every code that the page has a sentence for is one of the server’s', () => {
  for (const code of Object.keys(SENTENCES)) assert.ok(CODES.includes(`| \`${code}\` |`), code);
});

test('a refused call is explained with what to do', () => {
  for (const [refusal, sentence] of [
    [new ApiError('x', 400, 'ACCOUNTS_LAST_OWNER'), /Make another user an owner first/],
    [new ApiError('TypeError', undefined, ''), /does not answer/],
    [new ApiError('x', 503, 'SOMETHING_NEW'), /Try again in a moment/],
    [new ApiError('No such moon.', 400, 'SOMETHING_NEW'), /No such moon\./],
    [new ApiError('', 502, ''), /502/],
    [
      new ApiError('x', 400, 'ACCOUNTS_CHANGES_REFUSED', {
        entries: [{ index: 0, user: 'ann', code: 'ACCOUNTS_PASSWORD_INVALID' }],
      }),
      /1 to 1024 bytes/,
    ],
  ] as const) {
    assert.match(refusalText(refusal), sentence);
  }
});

test('several users who are there already are named, each with a direction of its own, and not endlessly many', () => {
  const of = (count: number): string => {
    const entries = Array.from({ length: count }, (_, index) => ({
      index,
      user: `u${index}`,
      code: 'ACCOUNTS_USER_EXISTS',
    }));
    return refusalText(new ApiError('x', 400, 'ACCOUNTS_CHANGES_REFUSED', { entries }));
  };
  assert.match(of(2), /\u2068u0\u2069, \u2068u1\u2069\./);
  assert.match(of(6), /u4\u2069, …/);
  assert.doesNotMatch(of(6), /u5/);
});
