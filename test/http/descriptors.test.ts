import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

/** Descriptors of the server: some 80 for itself, a reserve of 64, and the rest for connections. */
const DESCRIPTORS = 400;
/** Connections of the flood: more than there are descriptors. */
const FLOOD = 500;
/** Fewer connections of one address than may be half open. */
const EACH_ADDRESS = 100;

let server: RunningDeskwire;
before(async () => {
  server = await startDeskwire({
    flags: ['--size', '320x200', '--run', 'true'],
    descriptors: DESCRIPTORS,
  });
});
after(() => server?.stop());

/** Whether a caller without other connections gets an answer. */
async function answers(): Promise<boolean> {
  const client = new HttpsClient(server.url, server.ca, server.owner);
  try {
    return (await client.get('/api/get_users')).status === 200;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

test('when descriptors run out, the log says so, viewers stay, and connections are taken again later', async (t) => {
  const viewer = await Viewer.connectWebSocket({ url: server.url, ca: server.ca, user: server.owner });
  const flood: Socket[] = [];
  t.after(() => {
    for (const socket of flood) socket.destroy();
    viewer.destroy();
  });
  for (let i = 0; i < FLOOD; i++) {
    const localAddress = `127.0.1.${1 + Math.floor(i / EACH_ADDRESS)}`;
    const socket = connect({ host: '127.0.0.1', port: server.port, localAddress });
    socket.on('error', () => {}).resume();
    flood.push(socket);
    await once(socket, 'connect');
  }
  const logged = (text: string): boolean => server.output().stderr.includes(text);
  await waitFor('the shortage in the log', () => logged('HTTP_DESCRIPTORS_SHORT'));
  await viewer.roundTrip();
  assert.equal(viewer.closedReason, undefined);

  // The flood goes on to hold what it has. Its handshakes time out.
  await waitFor(
    'the end of the shortage in the log',
    () => logged('There are free file descriptors again'),
    60_000,
  );
  await waitFor('an answer', answers);
  await viewer.roundTrip();
  assert.equal(viewer.closedReason, undefined);
});
