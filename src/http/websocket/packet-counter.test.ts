import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { IpLink, whyNoIpLinks } from '../../../test/support/ip-link.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
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
  const counts = (): number[] => [counter.read()!.sent, counter.read()!.lost];
  assert.deepEqual(counts(), [0, 0]);
  await flushed(socket, 1);
  assert.deepEqual(counts(), [1, 0]);
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

test('the time since bytes arrived is known, however late they are read', async (t) => {
  const server = createServer({ noDelay: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    client.destroy();
    socket.destroy();
  });
  const counter = new PacketCounter(socket);
  client.write('late');
  const waitedMs = 100;
  // The bytes arrive at once, and this process does not read them.
  await new Promise<void>((done) => setTimeout(done, 20));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitedMs);
  const { receivedAgoMs } = counter.read()!;
  assert.ok(receivedAgoMs >= waitedMs - 20, `${receivedAgoMs} ms`);
});

test('the time counts in which a link carries bytes, and its own round trip is known', {
  skip: noLinks ?? false,
}, async (t) => {
  const link = await IpLink.open({ down: { bytesPerSecond: 250_000, delayMs: 20 }, up: { delayMs: 20 } });
  t.after(() => link.close());
  const socket = await connection(t, link.addresses.server, link.addresses.serverOverLink);
  const counter = new PacketCounter(socket);
  await flushed(socket, 1);
  await waitFor('a round trip', () => counter.read()!.roundTripMs > 0);
  const before = counter.read()!;
  assert.ok(before.roundTripMs >= 40, `${before.roundTripMs} ms`);
  const startMs = performance.now();
  await flushed(socket, 100_000);
  // 400 ms, and a round trip. It stops counting when all has been carried.
  let busyMs = 0;
  await waitFor('a link that is idle again', async () => {
    const now = counter.read()!.busyMs - before.busyMs;
    const isIdle = now === busyMs && now > 0;
    busyMs = now;
    await new Promise((done) => setTimeout(done, 100));
    return isIdle;
  });
  assert.ok(busyMs >= 400 && busyMs <= performance.now() - startMs, `${busyMs} ms`);
});

test('nothing is known of the packets of a stream without a socket, nor of a connection that has ended', async (t) => {
  assert.equal(new PacketCounter(new PassThrough()).read(), undefined);
  const socket = await connection(t);
  const counter = new PacketCounter(socket);
  socket.destroy();
  assert.equal(counter.read(), undefined);
});
