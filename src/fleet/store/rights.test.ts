import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Grant } from '../../accounts/user.ts';
import { rightsOn } from './rights.ts';

const NONE = { read: false, write: false, owner: false };
const READ = { ...NONE, read: true };
const WRITE = { ...READ, write: true };
const OWNER = { ...WRITE, owner: true };

test('the rights on a desktop are those of all grants that name it or its labels', () => {
  const desktop = { name: 'lab-1', labels: ['class=7b', 'room=12'] };
  const cases: readonly (readonly [grants: Grant[], rights: typeof NONE])[] = [
    [[], NONE],
    [[{ right: 'read', desktop: 'lab-1' }], READ],
    [[{ right: 'write', desktop: 'lab-2' }], NONE],
    [[{ right: 'write', labels: ['class=7b'] }], WRITE],
    [[{ right: 'owner', labels: ['room=12', 'class=7b'] }], OWNER],
    [[{ right: 'owner', labels: ['room=12', 'class=8a'] }], NONE],
    [[{ right: 'owner', labels: [] }], NONE],
    [[{ right: 'owner' }], NONE],
    [
      [
        { right: 'read', desktop: 'lab-1' },
        { right: 'write', labels: ['room=12'] },
      ],
      WRITE,
    ],
  ];
  for (const [grants, rights] of cases)
    assert.deepEqual(rightsOn({ owner: false, grants }, desktop), rights, JSON.stringify(grants));
  assert.deepEqual(rightsOn({ owner: true }, desktop), OWNER);
  assert.deepEqual(rightsOn({ owner: false }, desktop), NONE);
});
