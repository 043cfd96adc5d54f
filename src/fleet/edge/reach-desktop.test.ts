import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { ownPair } from '../../http/tls/certificate.ts';
import { type DesktopPlace, reachDesktop } from './reach-desktop.ts';

const pair = async () => (await ownPair({ data: temporaryFolder('deskwire-reach-') })).pair;
const digestOf = (cert: string): string =>
  new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const placeAt = (port: number, certificate: string): DesktopPlace => ({
  ...{ kind: 'tls', host: '127.0.0.1', port, certificate },
});

function reach(place: DesktopPlace): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  reachDesktop(place, (error, socket) => (error === undefined ? resolve(socket!) : reject(error)));
  return promise;
}

test('a desktop on another machine is reached if it shows the certificate that its host has told', async (t) => {
  const { cert, key } = await pair();
  const server = createTlsServer({ cert, key }, (socket) => socket.pipe(socket));
  const socket = await reach(placeAt(await listen(t, server), digestOf(cert)));
  socket.write('hello');
  assert.equal(String((await once(socket, 'data'))[0]), 'hello');
  socket.destroy();
});

test('a server with another certificate is sent nothing', async (t) => {
  const [own, other] = [await pair(), await pair()];
  const bytes: Buffer[] = [];
  const server = createTlsServer({ ...other }, (socket) =>
    socket.on('error', () => {}).on('data', (chunk: Buffer) => bytes.push(chunk)),
  );
  const closed = once(server, 'connection').then(([socket]) => once(socket as Socket, 'close'));
  await assert.rejects(reach(placeAt(await listen(t, server), digestOf(own.cert))), /another certificate/);
  await closed;
  assert.deepEqual(bytes, []);
});

test('a desktop that is not there, and a server that ends the handshake, are told at once', async (t) => {
  const ending = createServer((socket) => socket.destroy());
  const port = await listen(t, ending);
  await assert.rejects(reach(placeAt(port, '')));
  await assert.rejects(reach({ kind: 'unix', path: '/nowhere/at/all' }), { code: 'ENOENT' });
});
