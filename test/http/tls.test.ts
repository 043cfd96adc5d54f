import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect, getCiphers, type TLSSocket } from 'node:tls';
import { ContractServer } from '../api/contract-server.ts';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start();
});
after(() => server.close());

/** Resolves with a connection, or with undefined if the server agrees to nothing that is offered. */
async function shake(options: ConnectionOptions): Promise<TLSSocket | undefined> {
  const socket = connect({ host: '127.0.0.1', port: server.http.port, ca: server.ca, ...options });
  try {
    await once(socket, 'secureConnect');
    return socket;
  } catch {
    return undefined;
  }
}

/** Suites of TLS 1.2 with keys that are forgotten and authenticated encryption. */
const GOOD = /^ecdhe-(ecdsa|rsa)-(aes(128|256)-gcm-sha(256|384)|chacha20-poly1305)$/;

test('of all suites of TLS 1.2 that Node.js has, only those with forward secrecy and AEAD are agreed', async () => {
  const suites = getCiphers().filter((suite) => !suite.startsWith('tls_') && !suite.includes('psk'));
  assert.ok(suites.length > 20);
  const agreed: string[] = [];
  for (const suite of suites) {
    const offer = `${suite.toUpperCase()}:@SECLEVEL=0`;
    const socket = await shake({ maxVersion: 'TLSv1.2', ciphers: offer });
    if (socket) agreed.push(suite);
    socket?.destroy();
  }
  assert.ok(agreed.length >= 3, agreed.join());
  assert.deepEqual(
    agreed.filter((suite) => !GOOD.test(suite)),
    [],
  );
});

test('a client without other wishes gets TLS 1.3', async () => {
  const socket = (await shake({}))!;
  assert.equal(socket.getProtocol(), 'TLSv1.3');
  socket.destroy();
});

test('a client of TLS 1.2 cannot have the handshake done again', async () => {
  const socket = (await shake({ maxVersion: 'TLSv1.2' }))!;
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  const failed = new Promise<Error | null>((done) => {
    socket.on('error', done);
    socket.renegotiate({}, done);
  });
  assert.ok((await failed) instanceof Error);
  socket.destroy();
});
