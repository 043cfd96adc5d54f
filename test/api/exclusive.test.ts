import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as wire from '../../src/protocol/constants.ts';
import { STANDARD_ENCODINGS, type ViewerOptions } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

const NOTICED: ViewerOptions = { encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_DISCONNECT_NOTICE] };

async function withServer(
  newcomerTakesOver: boolean,
  use: (server: ContractServer) => Promise<void>,
): Promise<void> {
  const server = await ContractServer.start({ exclusivity: { isExclusive: true, newcomerTakesOver } });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

test('in an exclusive session another user is refused with the reason, at the WebSocket, page and RFB port', async () => {
  await withServer(false, async (server) => {
    const ada = await server.viewer(ADA, NOTICED);
    await assert.rejects(server.viewer(EVE), { status: 409 });
    const headers = { 'sec-fetch-mode': 'same-origin' };
    const probe = await server.client(EVE).send('/', { method: 'HEAD', headers });
    assert.equal(probe.status, 409);
    assert.match(decodeURIComponent(String(probe.headers['deskwire-reason'])), /one viewer at a time/);
    const rfb = await server.rfbPort();
    const port = Number(rfb.places[0]!.split(':')[1]);
    await assert.rejects(server.rfbViewer({ port, ca: server.ca, login: EVE }), /one viewer at a time/);
    await waitFor('the lines in the audit trail', () =>
      ['websocket', 'rfb'].every((name) =>
        server.audited.some(({ door, code }) => door === name && code === 'SESSION_EXCLUSIVE'),
      ),
    );
    await ada.roundTrip();
    await ada.close();
    const eve = await waitFor('room', () => server.viewer(EVE).catch(() => undefined));
    await eve.roundTrip();
  });
});

test('in an exclusive session a user’s new connection ends the one that the user had', async () => {
  await withServer(false, async (server) => {
    const first = await server.viewer(EVE, NOTICED);
    const told = first.waitForMessage('disconnect');
    const second = await server.viewer(EVE, NOTICED);
    assert.match(await first.waitForClose(), /^1000 Another connection has taken over/);
    assert.equal((await told).graceful, true, 'the page must not take it over again by itself');
    await second.roundTrip();
  });
});

test('in an exclusive session that can be taken over, another user ends the viewer that is connected', async () => {
  await withServer(true, async (server) => {
    const ada = await server.viewer(ADA, NOTICED);
    const eve = await server.viewer(EVE, NOTICED);
    assert.match(await ada.waitForClose(), /^1000 Another connection has taken over/);
    await eve.roundTrip();
    const { viewers } = (await server.client(ADA).get('/api/viewers')).json();
    assert.deepEqual(
      viewers.map(({ user }: { user: string }) => user),
      ['eve'],
    );
  });
});
