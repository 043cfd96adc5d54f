import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUserLines } from './user-lines.ts';

const VIEW = { read: true, write: false, owner: false };
const CONTROL = { read: true, write: true, owner: false };
const OWNER = { read: true, write: true, owner: true };

test('a pasted list of users is read from spaces, commas, semicolons, and the columns of a table', () => {
  for (const [what, text] of [
    ['spaces', 'ann  secret\nbob secret2   control\n\ncyd secret3 Owner\n'],
    ['commas', 'ann, secret,\nbob,secret2,control\r\ncyd , secret3, owner'],
    ['semicolons', 'ann;secret\nbob;secret2;control\ncyd;secret3;OWNER'],
    ['a table', 'ann\tsecret\t\nbob\tsecret2\tcontrol\ncyd\tsecret3\towner\t\t'],
  ] as const) {
    const users = [
      { user: 'ann', password: 'secret', ...VIEW },
      { user: 'bob', password: 'secret2', ...CONTROL },
      { user: 'cyd', password: 'secret3', ...OWNER },
    ];
    assert.deepEqual(readUserLines(text), { users, faults: [] }, what);
  }
});

test('a name and a password may have spaces and commas where another sign separates the columns', () => {
  assert.deepEqual(readUserLines('Ann Lee\tpass, word\tcontrol').users, [
    { user: 'Ann Lee', password: 'pass, word', ...CONTROL },
  ]);
  assert.deepEqual(readUserLines('ann a,b\nbob c').users, [
    { user: 'ann', password: 'a,b', ...VIEW },
    { user: 'bob', password: 'c', ...VIEW },
  ]);
});

test('a pasted list says of each wrong line what is wrong with it', () => {
  const { users, faults } = readUserLines('ann x\n\nbob\ncyd x boss\ndee x view more\nann y');
  assert.deepEqual(
    users.map(({ user }) => user),
    ['ann'],
  );
  assert.deepEqual(faults, [
    { line: 3, fault: 'columns' },
    { line: 4, fault: 'right' },
    { line: 5, fault: 'columns' },
    { line: 6, fault: 'twice' },
  ]);
  assert.deepEqual(readUserLines('\n \n'), { users: [], faults: [] });
});
