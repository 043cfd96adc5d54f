import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from './audit.ts';
import { AuditTrail, STRANGER_RATE, STRANGERS_RATE, USER_RATE } from './audit-trail.ts';
import { MAX_KINDS, REPEAT_WINDOW_MS } from './repeats.ts';

interface Line extends AuditEntry {
  readonly time: string;
  readonly repeated?: number;
}

function setUp() {
  const clock = { nowMs: 0 };
  const file = { lines: [] as Line[], text: '', isFull: false };
  const trail = new AuditTrail({
    append: (line) => {
      if (file.isFull) return false;
      file.text += line;
      file.lines.push(JSON.parse(line));
      return true;
    },
    nowMs: () => clock.nowMs,
    date: () => new Date(clock.nowMs),
  });
  return { clock, file, trail };
}

const CALL: AuditEntry = {
  door: 'api',
  outcome: 'done',
  user: 'ada',
  address: '::1',
  what: 'GET /api/get_users',
};
const REFUSED: AuditEntry = { door: 'login', outcome: 'refused', code: 'HTTP_LOGIN_NEEDED', address: '::1' };

test('an entry is one line of JSON with the time in UTC', () => {
  const { file, trail } = setUp();
  trail.record({ ...CALL, code: undefined, users: [{ user: 'a\n"b', password: true }] });
  assert.equal(
    file.text,
    '{"time":"1970-01-01T00:00:00.000Z","door":"api","outcome":"done","user":"ada","address":"::1",' +
      '"what":"GET /api/get_users","users":[{"user":"a\\n\\"b","password":true}]}\n',
  );
});

test('a name of a user can neither end a line, nor move a terminal’s cursor, nor turn the text around it', () => {
  const { file, trail } = setUp();
  const names = [
    'a\nb',
    'a\r\u001b[2Jb',
    'a\u0085b',
    'a\u009b2Jb',
    'a\u2028b',
    'a\u202eb',
    'a\u2066b',
    'a\ufeffb',
    'a\u007fb',
    'a\u061cb',
  ];
  for (const user of names) trail.record({ ...CALL, user, users: [{ user }] });
  assert.match(file.text, /^(?:[ -~]+\n){10}$/);
  assert.deepEqual(
    file.lines.map(({ user, users }) => [user, users?.[0]?.user]),
    names.map((name) => [name, name]),
  );
});

test('equal entries are one line at once, and their number when the window has ended', () => {
  const { clock, file, trail } = setUp();
  for (let i = 0; i < 100; i++) trail.record(CALL);
  trail.record({ ...CALL, address: '::2' });
  trail.tick();
  assert.equal(file.lines.length, 2);
  clock.nowMs = REPEAT_WINDOW_MS;
  trail.tick();
  assert.deepEqual(
    file.lines.slice(2).map(({ address, repeated }) => [address, repeated]),
    [['::1', 99]],
  );
  trail.record(CALL);
  assert.equal(file.lines.length, 4, 'a new window begins with a line');
});

test('each change of users has its own line, however fast they come, and so has a refused one', () => {
  const { file, trail } = setUp();
  const change: AuditEntry = { ...CALL, what: 'GET /api/remove_user', users: [{ user: 'fred' }] };
  for (let i = 0; i < 2 * USER_RATE.burst; i++) trail.record(change);
  trail.record({ ...change, outcome: 'refused', code: 'ACCOUNTS_LAST_OWNER' });
  assert.equal(file.lines.length, 2 * USER_RATE.burst + 1);
});

test('a bulk call of 1,000 users has lines of 20 users each, and none is missing', () => {
  const { file, trail } = setUp();
  const users = Array.from({ length: 1000 }, (_, i) => ({ user: `user${i}` }));
  trail.record({ ...CALL, users });
  assert.equal(file.lines.length, 50);
  assert.deepEqual(
    file.lines.flatMap((line) => line.users),
    users,
  );
});

test('a flood of strangers is cut off, counted, and does not cut off users', () => {
  const { clock, file, trail } = setUp();
  for (let i = 0; i < 10_000; i++) trail.record({ ...REFUSED, address: `10.0.${i >> 8}.${i & 255}` });
  assert.equal(file.lines.length, STRANGERS_RATE.burst);
  trail.record(CALL);
  assert.equal(file.lines.at(-1)?.user, 'ada');
  trail.tick();
  const last = file.lines.at(-1);
  assert.deepEqual([last?.code, last?.repeated], ['AUDIT_OMITTED', 10_000 - STRANGERS_RATE.burst]);
  clock.nowMs += 1000;
  trail.record({ ...REFUSED, address: 'later' });
  assert.equal(file.lines.at(-1)?.address, 'later');
});

test('a flood from one address, or from a whole /64 of IPv6, hides nothing about another stranger', () => {
  const { file, trail } = setUp();
  for (let i = 0; i < 10_000; i++) {
    trail.record({ ...REFUSED, address: `2001:db8::${i.toString(16)}` });
    trail.record({ ...REFUSED, address: '192.0.2.1', what: `call ${i}` });
  }
  assert.equal(file.lines.length, 2 * STRANGER_RATE.burst);
  trail.record({ ...REFUSED, address: '2001:db8:0:1::1' });
  assert.equal(file.lines.at(-1)?.address, '2001:db8:0:1::1');
});

test('a flood of strangers who each repeat themselves has no more lines than any other flood', () => {
  const { file, trail } = setUp();
  for (let i = 0; i < 10_000; i++) {
    for (let j = 0; j < 2; j++) trail.record({ ...REFUSED, address: `address ${i}` });
  }
  assert.equal(file.lines.length, STRANGERS_RATE.burst);
  trail.close();
  const last = file.lines.at(-1);
  assert.deepEqual([last?.code, last?.repeated], ['AUDIT_OMITTED', 20_000 - STRANGERS_RATE.burst]);
});

test('the flood of one user is cut off, and hides nothing about another user', () => {
  const { file, trail } = setUp();
  for (let i = 0; i < 2 * USER_RATE.burst; i++) trail.record({ ...CALL, what: `call ${i}` });
  assert.equal(file.lines.length, USER_RATE.burst);
  trail.record({ ...CALL, user: 'bob' });
  assert.equal(file.lines.at(-1)?.user, 'bob');
});

test('the trail counts at most 1,000 kinds of entries at a time, and writes the count of the oldest', () => {
  const { file, trail } = setUp();
  trail.record(CALL);
  trail.record(CALL);
  for (let i = 0; i <= MAX_KINDS; i++) trail.record({ ...CALL, user: `user ${i}` });
  const counts = file.lines.filter(({ repeated }) => repeated !== undefined);
  assert.deepEqual(
    counts.map(({ user, repeated }) => [user, repeated]),
    [['ada', 1]],
  );
});

test('lines that the file had no room for are counted, and the count is written once it has', () => {
  const { file, trail } = setUp();
  file.isFull = true;
  trail.record(CALL);
  trail.record({ ...CALL, user: 'bob' });
  trail.tick();
  file.isFull = false;
  trail.tick();
  trail.tick();
  assert.deepEqual(
    file.lines.map(({ code, repeated }) => [code, repeated]),
    [['AUDIT_LOST', 2]],
  );
});

test('close writes the counts of windows that have not ended', () => {
  const { file, trail } = setUp();
  for (let i = 0; i < 3; i++) trail.record(REFUSED);
  trail.close();
  assert.deepEqual(
    file.lines.map(({ repeated }) => repeated),
    [undefined, 2],
  );
});
