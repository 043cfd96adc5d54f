import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

/** Unreserved descriptors above the highest open one. Some below that may be free too. */
const SPARE = 8;
/** The server reserves this part of a low limit for itself: see descriptors.ts. */
const RESERVED_PART = 1 / 4;
/** Connections in excess of the free descriptors. */
const EXCESS = 40;
/** Longest wait until a connection has been accepted or refused, in ms. */
const DECIDED_LIMIT_MS = 20_000;

let server: RunningDeskwire;
let api: HttpsClient;
let viewer: Viewer;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '320x240', '--run', 'true'] });
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
const highestDescriptor = (): number => Math.max(...openDescriptors());

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
  // Connections must fit again afterwards, however tightly packed the open descriptors are.
  const most = Math.ceil((highestDescriptor() + 1 + SPARE) / (1 - RESERVED_PART));
  limitDescriptors(most);
  const connections = most - openDescriptors().length + EXCESS;
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
  // The limit is still as low.
  const fresh = await waitFor('a new viewer to be let in', () =>
    Viewer.connectWebSocket(target(), { updates: 'none' }).catch(() => undefined),
  );
  await fresh.roundTrip();
  assert.equal(viewer.closedReason, undefined);
  await fresh.close();
});
