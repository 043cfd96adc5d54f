import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Refusal } from './api/refusal.ts';
import { explainLoginRefusal } from './login-refusal.ts';

test('each refusal of a login is explained with what to do', () => {
  const cases: readonly (readonly [Refusal, RegExp])[] = [
    [{ status: 401, code: 'HTTP_LOGIN_NEEDED', reason: 'x' }, /^The name or the password is wrong\.$/],
    [{ status: 401, code: 'HTTP_TOO_MANY_LOGINS', retryAfterS: 7 }, /^Too many wrong passwords.* in 7 s\.$/],
    [{ status: 401, code: 'HTTP_TICKET_INVALID' }, /^This link is no longer valid\. Ask for a new one/],
    [{ status: 403, code: 'HTTP_NO_READ' }, /Ask the owner of the desktop/],
    [
      { status: 403, code: 'HTTP_FOREIGN_PAGE', reason: 'The page is of A.' },
      /whoever runs.*The page is of A\.$/,
    ],
    [{ status: 503, code: 'HTTP_LOGIN_TIMED_OUT', reason: 'x' }, /^The server is busy/],
    [{ status: 429 }, /^The server is busy/],
    [{ status: undefined }, /^The network is down/],
    [{ status: 400, reason: 'No.' }, /^No\.$/],
    [{ status: 404 }, /error \(404\)/],
  ];
  for (const [refusal, text] of cases) assert.match(explainLoginRefusal(refusal), text);
});
