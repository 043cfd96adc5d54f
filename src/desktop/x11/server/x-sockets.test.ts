import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Folder, xSocketsFault } from './x-sockets.ts';

const SHARED: Folder = { uid: 0, gid: 0, mode: 0o41777, isWritable: true };
const READ_ONLY: Folder = { ...SHARED, isWritable: false };
const OF_ROOT: Folder = { ...SHARED, mode: 0o40755 };
const USER = { name: 'deskwire-desktop', uid: 998, gid: 998 };

for (const [what, locks, sockets, user, fault] of [
  ['both folders are there', SHARED, SHARED, undefined, undefined],
  ['both folders are there, for another user', SHARED, SHARED, USER, undefined],
  [
    '/tmp is read-only',
    READ_ONLY,
    undefined,
    undefined,
    /^the server cannot write to \/tmp; it needs mode 1777/,
  ],
  ['/tmp is missing', undefined, undefined, undefined, /^the server cannot write to \/tmp;/],
  ['/tmp is for root only', OF_ROOT, SHARED, USER, /^user deskwire-desktop cannot write to \/tmp;/],
  ['the folder of the sockets is for root only', SHARED, OF_ROOT, USER, /chmod 1777 \/tmp\/\.X11-unix/],
  ['the folder of the sockets is for root only, for root', SHARED, OF_ROOT, undefined, undefined],
  [
    'the folder of the sockets is read-only',
    SHARED,
    READ_ONLY,
    undefined,
    /^the server cannot write to \/tmp\/\.X11/,
  ],
  ["the folder of the sockets is the user's", SHARED, { ...OF_ROOT, uid: USER.uid }, USER, undefined],
] as const) {
  test(`when ${what}, an X server ${fault ? 'is refused with what to do' : 'can start'}`, () => {
    const found = xSocketsFault(locks, sockets, user);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', fault);
  });
}
