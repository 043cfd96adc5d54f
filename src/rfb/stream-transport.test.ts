import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { closeOf } from '../../test/support/close-of.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { StreamTransport } from './stream-transport.ts';

/** More than the kernel takes for a peer that does not read. */
const MUCH = 32 * 1024 * 1024;

async function pair(heartbeatMs?: number) {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  socket.on('error', () => undefined);
  peer.on('error', () => undefined);
  return { peer, socket, transport: new StreamTransport(socket, socket, undefined, heartbeatMs) };
}

const numbers = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);

test('the peer gets all bytes in order, also those sent just before the connection is closed', async () => {
  const { peer, transport } = await pair();
  const all = numbers(300_000);
  const scratch = new Uint8Array(1000);
  for (let at = 0; at < all.length; at += 1000) {
    scratch.set(all.subarray(at, at + 1000));
    transport.send(scratch);
    // The bytes that were sent are a copy.
    scratch.fill(0);
  }
  assert.equal(transport.bufferedBytes, all.length);
  transport.close();
  assert.deepEqual(await buffer(peer), Buffer.from(all));
});

test('bytes count as waiting until the socket has taken them, and then the listener is told', async () => {
  const { peer, socket, transport } = await pair();
  const drained = new Promise<void>((resolve) => transport.onDrain(resolve));
  transport.send(new Uint8Array(MUCH));
  assert.equal(transport.bufferedBytes, MUCH);
  peer.resume();
  await drained;
  assert.equal(transport.bufferedBytes, 0);
  peer.destroy();
  await waitFor('the end', () => socket.closed);
});

test('a peer that takes none of what waits for it is cut off, and one that sends something is not', async () => {
  const { peer, transport } = await pair(50);
  let isClosed = false;
  transport.onClose(() => {
    isClosed = true;
  });
  transport.onData(() => undefined);
  peer.pause();
  const beats = setInterval(() => peer.write('.'), 20);
  transport.send(new Uint8Array(MUCH));
  let reads = 0;
  transport.onRead(() => reads++);
  // For several times the limit: 150 ms.
  await waitFor('the reads', () => reads > 20);
  assert.ok(!isClosed);
  clearInterval(beats);
  await waitFor('the end', () => isClosed);
  peer.destroy();
});

test('nothing is read while reading is paused, and each read is reported with its bytes', async () => {
  const { peer, transport } = await pair();
  let readBytes = 0;
  transport.onData(() => undefined);
  transport.onRead((bytes) => {
    readBytes += bytes;
  });
  transport.pauseReading();
  // A peer whose bytes are not read can write only so many: those that the kernel keeps, and one read's worth.
  let isTaken = false;
  peer.write(new Uint8Array(MUCH), () => {
    isTaken = true;
  });
  transport.send(Uint8Array.of(1));
  await once(peer, 'data');
  assert.ok(readBytes <= 64 * 1024 && !isTaken);
  transport.resumeReading();
  await waitFor('the bytes', () => readBytes === MUCH);
  transport.terminate();
  await closeOf(peer);
});
