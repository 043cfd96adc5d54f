import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rights } from '../../accounts/user.ts';
import { type EdgeLogin, EdgeRevocations, MOST_KEPT } from './edge-revocations.ts';

const NONE: Rights = { read: false, write: false, owner: false };
const READ: Rights = { ...NONE, read: true };
const WRITE: Rights = { ...READ, write: true };

const login = (name: string, rights: Rights, version: number, logins: string[] = []): EdgeLogin => ({
  ...{ user: { name, ...rights }, logins, version, hasEnded: false },
});

test('a user who has lost a right is ended, and an edge that has not heard of it is not believed', () => {
  const revocations = new EdgeRevocations();
  const [fred, again, ada] = [login('fred', WRITE, 5), login('fred', READ, 6), login('ada', WRITE, 5)];
  for (const one of [fred, again, ada]) revocations.entered(one);
  assert.equal(revocations.revoke({ version: 7, users: [{ name: 'fred', ...READ }], logins: [] }), true);
  assert.deepEqual(
    [fred, again, ada].map(({ hasEnded }) => hasEnded),
    [true, false, false],
  );
  assert.equal(revocations.refusal(login('fred', WRITE, 6)), 'behind');
  assert.equal(revocations.refusal(login('fred', READ, 7)), undefined);
  assert.equal(revocations.refusal(login('ada', WRITE, 1)), undefined);
  // What was told is told again after a failure.
  assert.equal(revocations.revoke({ version: 7, users: [{ name: 'fred', ...READ }], logins: [] }), false);
  assert.equal(revocations.revoke({ version: 8, users: [{ name: 'fred', ...WRITE }], logins: [] }), false);
});

test('a login that has ended is refused whatever the version, and other logins of the user are not', () => {
  const revocations = new EdgeRevocations();
  const byToken = login('fred', WRITE, 5, ['token 1']);
  const inSession = login('fred', WRITE, 5, ['session 2', 'password 3']);
  for (const one of [byToken, inSession]) revocations.entered(one);
  revocations.revoke({ version: 6, users: [], logins: ['token 1'] });
  assert.deepEqual([byToken.hasEnded, inSession.hasEnded], [true, false]);
  assert.equal(revocations.refusal(login('fred', WRITE, 9, ['token 1'])), 'ended');
  assert.equal(revocations.refusal(login('fred', WRITE, 5, ['session 2'])), undefined);
  revocations.revoke({ version: 7, users: [], logins: ['password 3'] });
  assert.equal(inSession.hasEnded, true);
});

test('the host can refuse all that edges have found out before, and end everyone', () => {
  const revocations = new EdgeRevocations();
  const fred = login('fred', READ, 5);
  const local: EdgeLogin = { user: undefined, version: 5, hasEnded: false };
  for (const one of [fred, local]) revocations.entered(one);
  revocations.revoke({ version: 6, users: [], logins: [], all: true });
  assert.equal(fred.hasEnded, false);
  assert.deepEqual([...revocations.live], [fred, local]);
  assert.equal(revocations.refusal(login('ada', READ, 5)), 'behind');
  assert.equal(revocations.refusal(login('ada', READ, 6)), undefined);
  assert.equal(revocations.refusal(local), undefined);
  revocations.revoke({ version: 6, users: [], logins: [], everyone: true });
  assert.deepEqual([fred.hasEnded, local.hasEnded], [true, false]);
});

test('with more changes than are kept, older assertions are refused rather than a change forgotten', () => {
  const revocations = new EdgeRevocations();
  revocations.revoke({ version: 1, users: [{ name: 'first', ...NONE }], logins: [] });
  for (let i = 0; i < MOST_KEPT; i++)
    revocations.revoke({ version: i + 2, users: [{ name: `user-${i}`, ...NONE }], logins: [] });
  assert.equal(revocations.refusal(login('first', WRITE, 0)), 'behind');
  assert.equal(revocations.refusal(login('first', WRITE, 1)), undefined);
  revocations.revoke({ version: MOST_KEPT + 2, users: [{ name: 'one more', ...NONE }], logins: [] });
  assert.equal(revocations.refusal(login('someone', READ, 1)), 'behind');
  assert.equal(revocations.refusal(login('someone', READ, 2)), undefined);
});
