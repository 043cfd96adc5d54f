import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMountPoint } from './mount-point.ts';

const MOUNTINFO = `36 35 98:0 /mnt1 / rw,noatime master:1 - ext3 /dev/root rw
37 36 0:44 / /proc rw - proc proc rw
98 36 8:1 /home/ann/users.json /data/users.json rw,relatime - ext4 /dev/sda1 rw
99 36 8:1 /x /data/with\\040space rw - ext4 /dev/sda1 rw
`;

test('a file that is mounted by itself is a mount point, and the folder that it is in is none', () => {
  assert.equal(isMountPoint('/data/users.json', MOUNTINFO), true);
  assert.equal(isMountPoint('/data', MOUNTINFO), false);
  assert.equal(isMountPoint('/data/users.json.lock', MOUNTINFO), false);
});

test('a mount point with a space in its name is found', () => {
  assert.equal(isMountPoint('/data/with space', MOUNTINFO), true);
});

test('/proc is a mount point of this machine', () => {
  assert.equal(isMountPoint('/proc'), true);
});
