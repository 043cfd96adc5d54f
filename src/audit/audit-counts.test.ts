import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from './audit.ts';
import { AuditCounts, MOST_KINDS } from './audit-counts.ts';

function createCounts(): { counts: AuditCounts; passedOn: AuditEntry[] } {
  const passedOn: AuditEntry[] = [];
  return { counts: new AuditCounts({ record: (entry) => passedOn.push(entry) }), passedOn };
}

test('calls are counted by call and code, refused logins by code, and every entry is passed on', () => {
  const { counts, passedOn } = createCounts();
  const call = { door: 'api', outcome: 'done', what: 'GET /api/get_users', user: 'ada' } as const;
  const entries: AuditEntry[] = [
    call,
    { ...call, user: 'bob' },
    { ...call, outcome: 'refused', code: 'HTTP_NOT_OWNER' },
    { door: 'login', outcome: 'refused', what: 'GET /api/get_users', code: 'HTTP_LOGIN_NEEDED' },
    { door: 'login', outcome: 'refused', what: 'rfb', code: 'HTTP_LOGIN_NEEDED' },
    { door: 'rfb', outcome: 'refused', code: 'HTTP_NO_READ' },
    { door: 'login', outcome: 'done', user: 'ada' },
    { door: 'page', outcome: 'done' },
  ];
  for (const entry of entries) counts.record(entry);
  assert.deepEqual(
    [...counts.calls],
    [
      { what: 'GET /api/get_users', code: '', count: 2 },
      { what: 'GET /api/get_users', code: 'HTTP_NOT_OWNER', count: 1 },
    ],
  );
  assert.deepEqual([...counts.refusedLogins], [{ what: '', code: 'HTTP_LOGIN_NEEDED', count: 2 }]);
  assert.deepEqual(passedOn, entries);
});

test('no more than MOST_KINDS kinds are counted', () => {
  const { counts } = createCounts();
  for (let i = 0; i <= MOST_KINDS; i++) counts.record({ door: 'api', outcome: 'done', what: `GET ${i}` });
  assert.equal([...counts.calls].length, MOST_KINDS);
});
