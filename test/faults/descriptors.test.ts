import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { xServerPid } from '../support/x-server-pid.ts';

/** Descriptors that the server may have open: the reserve is 64, and some more may be inherited. */
const DESCRIPTORS = 400;
/** Connections in excess of the free descriptors. */
const EXCESS = 40;
/** Longest wait until a connection has been accepted or refused, in ms. */
const DECIDED_LIMIT_MS = 20_000;

let server: RunningDeskwire;
let api: HttpsClient;
let viewer: Viewer;

before(async () => {
  server = await startDeskwire({
    flags: ['--size', '320x240', '--run', 'true'],
    descriptors: DESCRIPTORS,
  });
  api = new HttpsClient(server.url, server.ca, server.owner);
  await api.get('/api/get_users');
  viewer = await Viewer.connectWebSocket(target(), { updates: 'none' });
});
after(async () => {
  viewer?.destroy();
  api?.close();
  await server?.stop();
});

const target = () => ({ url: server.url, ca: server.ca, user: server.owner });

const openDescriptors = (): number[] => readdirSync(`/proc/${server.pid}/fd`).map(Number);

function limitDescriptors(most: number): void {
  // The hard limit stays, so that this can be undone.
  execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${most}:`]);
}

/** Opens a connection. Resolves with whether its TLS handshake was completed, once that is decided. */
function attempt(sockets: TLSSocket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
    sockets.push(socket);
    socket.once('secureConnect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

test('a server without descriptors refuses new connections, keeps its viewers, and recovers by itself', async () => {
  const sockets: TLSSocket[] = [];
  const connections = DESCRIPTORS - openDescriptors().length + EXCESS;
  try {
    const decided: boolean[] = [];
    for (let i = 0; i < connections; i++) void attempt(sockets).then((got) => decided.push(got));
    await waitFor(
      'each connection to be accepted or refused',
      () => decided.length === connections,
      DECIDED_LIMIT_MS,
    );
    const refused = decided.filter((got) => !got).length;
    // The server may have closed a few of its own meanwhile.
    assert.ok(refused >= EXCESS / 2, `${refused} of ${connections} were refused`);
    await waitFor('the shortage in the log', () => server.output().stderr.includes('HTTP_DESCRIPTORS_SHORT'));

    await viewer.roundTrip();
    viewer.requestUpdate(false);
    await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
    assert.equal((await api.get('/api/get_bottleneck_stats')).status, 200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const fresh = await waitFor('a new viewer to be let in', () =>
    Viewer.connectWebSocket(target(), { updates: 'none' }).catch(() => undefined),
  );
  await fresh.roundTrip();
  assert.equal(viewer.closedReason, undefined);
  await fresh.close();
});

/** Each needs descriptors: for a thread, a file, a program or a connection to the X server. */
const CALLS = [
  '/api/get_screenshot?format=png',
  '/api/get_screenshot?width=64&height=48',
  '/api/get_frame_stats',
  '/api/create_user?name=ben&password=longenough&read=true',
  '/api/send_full_frame',
  '/api/get_users',
];

test('a server that has no descriptor left answers every call, keeps its viewers, and works again afterwards', async () => {
  // None of the first ten is free.
  limitDescriptors(10);
  try {
    for (const path of CALLS) {
      const { status } = await api.get(path);
      assert.ok(status === 200 || status === 503 || status === 507, `${path}: ${status}`);
    }
    viewer.requestSize({ width: 400, height: 300 });
    viewer.sendPointer(10, 10, 1);
    viewer.typeKeys(0x61, 0x20ac);
    // Threads that idle end, and orphans are looked for.
    await sleep(3000);
    await viewer.roundTrip();
  } finally {
    limitDescriptors(DESCRIPTORS);
  }
  for (const path of CALLS) {
    const answer = await api.get(path);
    // The user may exist already.
    assert.ok([200, 409].includes(answer.status), `${path}: ${answer.status} ${answer.text()}`);
  }
  viewer.requestUpdate(false);
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
  assert.doesNotMatch(server.output().stderr, /"level":60/);
});

test('an X server that dies while no descriptor is left is started again once there are some', async () => {
  limitDescriptors(10);
  process.kill(xServerPid(server.pid)!, 'SIGKILL');
  await sleep(2000);
  limitDescriptors(DESCRIPTORS);
  await waitFor('a screenshot of the new X server', async () => {
    const { status } = await api.get('/api/get_screenshot');
    return status === 200;
  });
  await viewer.roundTrip();
  assert.doesNotMatch(server.output().stderr, /"level":60/);
});
