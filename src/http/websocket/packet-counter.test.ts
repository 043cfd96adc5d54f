import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { IpLink, whyNoIpLinks } from '../../../test/support/ip-link.ts';
import { PacketCounter } from './packet-counter.ts';

const noLinks = await whyNoIpLinks();

/** Returns the server's end of a connection whose other end reads everything. */
async function connection(t: TestContext, listenOn = '127.0.0.1', connectTo = listenOn): Promise<Socket> {
  const server = createServer({ noDelay: true });
  await once(server.listen(0, listenOn), 'listening');
  const client = connect((server.address() as { port: number }).port, connectTo).resume();
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  return socket;
}

const flushed = (socket: Socket, bytes: number): Promise<void> =>
  new Promise((done) => socket.write(Buffer.alloc(bytes), () => done()));

test('packets of a connection are counted, and none is lost on this machine', async (t) => {
  const socket = await connection(t);
  const counter = new PacketCounter(socket);
  assert.deepEqual(counter.read(), { sent: 0, lost: 0 });
  await flushed(socket, 1);
  assert.deepEqual(counter.read(), { sent: 1, lost: 0 });
});

test('packets that a link loses are counted as lost', { skip: noLinks ?? false }, async (t) => {
  const link = await IpLink.open({ down: { delayMs: 5, lossShare: 0.2, seed: 1 } });
  t.after(() => link.close());
  const socket = await connection(t, link.addresses.server, link.addresses.serverOverLink);
  const counter = new PacketCounter(socket);
  for (let i = 0; counter.read()!.lost < 5; i++) {
    assert.ok(i < 1000, 'no loss was counted');
    await flushed(socket, 1000);
    await new Promise((done) => setTimeout(done, 10));
  }
  const { sent, lost } = counter.read()!;
  assert.ok(sent > lost, `${lost} of ${sent}`);
});

test('nothing is known of the packets of a stream without a socket, nor of a connection that has ended', async (t) => {
  assert.equal(new PacketCounter(new PassThrough()).read(), undefined);
  const socket = await connection(t);
  const counter = new PacketCounter(socket);
  socket.destroy();
  assert.equal(counter.read(), undefined);
});
