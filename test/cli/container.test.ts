import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { DeskwireProcess } from '../support/deskwire-process.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A user who has no name, as containers often have one. */
const UID = 12_345;

/**
 * Runs its arguments as that user, in a name space of mounts with a read-only root. `/mnt` has the checkout, the Node.js
 * and a data folder. $SET_UP mounts what a case needs, as root.
 */
const CONTAINER = `
set -e
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/deskwire /mnt/node /mnt/data /mnt/cache
mount --bind "$CACHE" /mnt/cache
mount --bind "$CHECKOUT" /mnt/deskwire
mount --bind "$CHECKOUT/node_modules" /mnt/deskwire/node_modules
mount --bind "$(dirname "$NODE")" /mnt/node
chown ${UID}:${UID} /mnt/data /mnt/cache
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
eval "$SET_UP"
mount -o remount,bind,ro /
cd /mnt/data
exec setpriv --reuid=${UID} --regid=${UID} --clear-groups --bounding-set=-all --no-new-privs \\
  env -u HOME -u XDG_RUNTIME_DIR -u DESKWIRE_DESKTOP_USER -u SET_UP NODE_COMPILE_CACHE=/mnt/cache "$@"
`;

const probe = spawnSync('unshare', [
  '--mount',
  '--propagation',
  'private',
  'mount',
  '-t',
  'tmpfs',
  'tmpfs',
  '/mnt',
]);
const skip = probe.status === 0 ? false : 'no name space of mounts can be made here';

/** The modules that the first start has compiled, for the others. */
const cache = mkdtempSync(join(tmpdir(), 'deskwire-container-cache-'));
after(() => rmSync(cache, { recursive: true, force: true }));

function start(t: TestContext, setUp: string, ...flags: string[]): DeskwireProcess {
  const home = mkdtempSync(join(tmpdir(), 'deskwire-container-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const server = [
    '/mnt/node/node',
    '/mnt/deskwire/bin/deskwire.mjs',
    'serve',
    '--port',
    '0',
    '--run',
    'true',
  ];
  const command = [...server, '--data', '/mnt/data/deskwire', ...flags];
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', CONTAINER, 'sh', ...command];
  const env = { CHECKOUT: ROOT, CACHE: cache, NODE: process.execPath, SET_UP: setUp, HOME: home };
  return new DeskwireProcess('unshare', args, { env });
}

/** Status of the answer to a call without a login. */
function statusOf(url: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  get(url, { rejectUnauthorized: false, agent: false }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  }).on('error', reject);
  return promise;
}

const SMALL = 'mount -o remount,size=16m /dev/shm; mount -o remount,size=16m /tmp';

for (const [what, setUp] of [
  ['with the mounts of Docker and Podman, and little memory for a small screen', SMALL],
  // emptyDir volumes have mode 0777, and the bit that keeps users from the files of others is not set.
  ['with the volumes of Kubernetes', 'chmod 0777 /tmp /dev/shm'],
] as const) {
  test(`a user without a name starts the server on a read-only root ${what}`, { skip }, async (t) => {
    await using server = start(t, setUp, '--size', '1280x720', '--max-size', '1280x720');
    const { url } = await server.ready();
    assert.equal(await statusOf(new URL('/healthz', url).href), 200);
    assert.equal(await statusOf(new URL('/readyz', url).href), 200);
    server.signal('SIGTERM');
    assert.equal(await server.ended, 0);
  });
}

for (const [what, setUp, message] of [
  [
    'a read-only /tmp',
    'mount -o remount,ro /tmp',
    /DESKTOP_NO_SOCKETS|the server cannot write to \/tmp; it needs mode 1777, and in a container .* a tmpfs there/,
  ],
  [
    "a folder of X's sockets in which only root may write",
    'mkdir -m 755 /tmp/.X11-unix',
    /the server cannot write to \/tmp\/\.X11-unix; as root, run chmod 1777/,
  ],
  [
    'a /dev/shm that is too small',
    SMALL,
    /enlarge \/dev\/shm or choose a smaller --max-size: 33 MiB needed, \/dev\/shm has 16 MiB/,
  ],
] as const) {
  test(`a server that finds ${what} ends with what to do about it`, { skip }, async (t) => {
    await using server = start(t, setUp);
    assert.equal(await server.ended, 1);
    assert.match(server.stderr, message);
  });
}
