import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { RfbPort } from '../../src/rfb/rfb-port.ts';
import { ContractServer, EVE } from '../api/contract-server.ts';
import { withSlack } from '../support/limits.ts';
import { LoginRefused } from '../support/transport-rfb.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

/** Time for a seat to be free again, in ms: far below the 30 s after which a viewer that does nothing counts as lost. */
const FREE_MS = 1000;

/** A record of application data in TLS 1.2 and 1.3 that no key has made. */
const FORGED_RECORD = Buffer.concat([Buffer.of(0x17, 3, 3, 0, 64), Buffer.alloc(64, 0xa5)]);

let server: ContractServer;
let rfb: RfbPort;

before(async () => {
  server = await ContractServer.start({ limits: { viewersOfUser: 1 } });
  rfb = await server.rfbPort();
});
after(() => server.close());

const portOf = ({ places }: RfbPort): number => Number(places[0]!.split(':').at(-1));

/** Takes connections to a port, and lets the test do to them what a network or a hostile peer does. */
async function wireTo(port: number) {
  const sockets: Socket[] = [];
  const passage = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far);
    far.pipe(near);
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });
  await once(passage.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (passage.address() as AddressInfo).port,
    /** The connection to the server, which the viewer's bytes no longer reach. */
    cut: (): Socket => {
      const [near, far] = sockets as [Socket, Socket];
      near.unpipe(far);
      return far;
    },
    close: (): void => {
      for (const socket of sockets) socket.destroy();
      passage.close();
    },
  };
}

for (const [door, doorPort, connectViewer] of [
  [
    'the RFB port',
    () => portOf(rfb),
    (port: number) => server.rfbViewer({ port, ca: server.ca, login: EVE }),
  ],
  [
    'the HTTPS port',
    () => server.http.port,
    (port: number) =>
      Viewer.connectWebSocket({ url: `https://127.0.0.1:${port}/`, ca: server.ca, user: EVE }),
  ],
] as const) {
  for (const [fault, breakIt] of [
    ['gets a forged record', (far: Socket) => void far.write(FORGED_RECORD)],
    ['gets bytes that are no TLS', (far: Socket) => void far.write('GET / HTTP/1.1\r\n\r\n'.repeat(20))],
    ['ends without a farewell', (far: Socket) => void far.end()],
    ['is reset', (far: Socket) => void far.resetAndDestroy()],
  ] as const) {
    test(`a viewer at ${door} whose TLS ${fault} gives its seat back at once`, async (t) => {
      const wire = await wireTo(doorPort());
      t.after(() => wire.close());
      const viewer = await connectViewer(wire.port);
      await viewer.roundTrip();
      await assert.rejects(connectViewer(doorPort()));
      breakIt(wire.cut());
      const seatTaken = async (): Promise<boolean> => {
        const next = await connectViewer(doorPort()).catch(() => undefined);
        await next?.close();
        return next !== undefined;
      };
      await waitFor('the seat', seatTaken, withSlack(FREE_MS));
      await waitFor(
        'the end of the last viewer',
        () => server.http.doors.seats.refusal(EVE.name, undefined) === undefined,
      );
      wire.close();
      await viewer.waitForClose();
    });
  }
}

test('viewers behind a proxy of TCP count for its address, also if HTTP trusts it, and those of a Unix socket for one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-seats-'));
  const few = await ContractServer.start({
    trustProxy: ['127.0.0.1'],
    limits: { viewersOfAddress: 1, halfOpenOfAddress: 2 },
  });
  t.after(async () => {
    await few.close();
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'rfb.sock');
  const port = portOf(await few.rfbPort({ socketPath: path }));
  for (const target of [{ port, ca: few.ca }, { path }]) {
    const viewer = await few.rfbViewer({ ...target, login: EVE });
    await assert.rejects(
      few.rfbViewer({ ...target, login: EVE }),
      (error) => error instanceof LoginRefused && /This address has as many viewers/.test(error.message),
    );
    await viewer.close();
    const silent = [1, 2, 3].map(() => ('path' in target ? connect(path) : connect(port, '127.0.0.1')));
    // The oldest one makes way.
    await Promise.race(silent.map((socket) => text(socket)));
    for (const socket of silent) socket.destroy();
  }
  assert.match(few.logged, /RFB_ADDRESS_NEWCOMERS_FULL/);
  // A proxy of HTTP forwards the addresses of its callers.
  const forwarded = ['192.0.2.1', '192.0.2.2'].map((address) =>
    few.viewer(EVE, {}, { 'X-Forwarded-For': address }),
  );
  for (const viewer of await Promise.all(forwarded)) await viewer.close();
});
