import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { WebSocketTransport } from './transport.ts';

interface Pair {
  readonly transport: WebSocketTransport;
  readonly peer: WebSocket;
  readonly socket: Socket;
}

async function connect(
  t: TestContext,
  heartbeatMs?: number,
  peerOptions = {},
  autoPong = true,
): Promise<Pair> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, autoPong });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, peerOptions);
  const [webSocket, request] = await accepted;
  await once(peer, 'open');
  t.after(() => {
    peer.terminate();
    server.close();
  });
  return {
    transport: new WebSocketTransport(webSocket, request.socket, undefined, heartbeatMs),
    peer,
    socket: request.socket,
  };
}

test('small pieces sent in one tick arrive in order in one message', async (t) => {
  const { transport, peer } = await connect(t);
  for (const byte of [1, 2, 3]) transport.send(Uint8Array.of(byte));
  transport.send(new Uint8Array(0));
  assert.equal(transport.bufferedBytes, 3);
  assert.deepEqual([...(await once(peer, 'message'))[0]], [1, 2, 3]);
});

test('what is sent alone has a WebSocket message to itself, between the pieces before and behind it', async (t) => {
  const { transport, peer } = await connect(t);
  const messages: number[][] = [];
  peer.on('message', (data: Buffer) => messages.push([...data]));
  transport.send(Uint8Array.of(1));
  transport.send(Uint8Array.of(2, 3), 'alone');
  transport.send(Uint8Array.of(4), 'alone');
  transport.send(Uint8Array.of(5));
  transport.send(Uint8Array.of(6));
  while (messages.flat().length < 6) await once(peer, 'message');
  assert.deepEqual(messages, [[1], [2, 3], [4], [5, 6]]);
});

test('a long update is cut into messages, and no byte is lost', async (t) => {
  const { transport, peer } = await connect(t);
  const pieces = Array.from({ length: 60 }, (_, i) => Buffer.alloc(5000, i));
  let messages = 0;
  let received = Buffer.alloc(0);
  const all = new Promise<void>((done) => {
    peer.on('message', (data: Buffer) => {
      messages += 1;
      received = Buffer.concat([received, data]);
      if (received.length === 300_000) done();
    });
  });
  for (const piece of pieces) transport.send(piece);
  await all;
  assert.deepEqual(received, Buffer.concat(pieces));
  assert.ok(messages > 1 && messages <= 5, String(messages));
});

test('bufferedBytes grows while the peer does not read, and drain is called once it has read everything', async (t) => {
  const { transport, peer } = await connect(t, 500);
  let drains = 0;
  transport.onDrain(() => {
    drains += 1;
    assert.equal(transport.bufferedBytes, 0);
  });
  peer.pause();
  for (let i = 0; i < 100; i++) transport.send(Buffer.alloc(200_000));
  await new Promise((done) => setTimeout(done, 600));
  assert.ok(transport.bufferedBytes > 0);
  assert.equal(drains, 0);
  peer.resume();
  await new Promise<void>((done) => transport.onDrain(done));
  assert.equal(drains, 1);
});

test('bytes sent before close arrive, then the reason, cut to what fits', async (t) => {
  const { transport, peer } = await connect(t);
  const closed = new Promise<void>((done) => transport.onClose(done));
  transport.send(Uint8Array.of(7));
  transport.close('ü'.repeat(100));
  transport.send(Uint8Array.of(8));
  transport.close('again');
  assert.deepEqual([...(await once(peer, 'message'))[0]], [7]);
  const [code, reason] = await once(peer, 'close');
  assert.equal(code, 1000);
  assert.equal(reason.toString(), 'ü'.repeat(61));
  await closed;
});

test('a peer that goes on sending after the close frame is cut off', async (t) => {
  const { transport, peer, socket } = await connect(t);
  const ended = new Promise<void>((done) => transport.onClose(done));
  // The peer never answers the close frame, because it does not read.
  peer.pause();
  peer.on('error', () => undefined);
  transport.close('enough');
  const flood = setInterval(() => peer.send(Buffer.alloc(100_000)), 1);
  await ended;
  clearInterval(flood);
  assert.ok(socket.bytesRead < 4_000_000, `${socket.bytesRead} bytes were read`);
});

test('a peer that is silent for three heartbeats is cut off, one that answers pings is not', async (t) => {
  const dead = await connect(t, 30, { autoPong: false });
  await new Promise<void>((done) => dead.transport.onClose(done));
  const alive = await connect(t, 30);
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(alive.peer.readyState, alive.peer.OPEN);
});

test('a peer that pings and does not read is sent one pong at a time', async (t) => {
  const { transport, peer, socket } = await connect(t, undefined, {}, false);
  peer.pause();
  // The socket takes no more.
  for (let i = 0; i < 100; i++) transport.send(Buffer.alloc(200_000));
  const readBefore = socket.bytesRead;
  const writtenBefore = socket.writableLength;
  const pings = 20_000;
  for (let i = 0; i < pings; i++) peer.ping(Buffer.alloc(100));
  while (socket.bytesRead - readBefore < pings * 100) await new Promise(setImmediate);
  assert.ok(socket.writableLength - writtenBefore < 100_000, `${socket.writableLength} bytes wait`);
});

test('pings, pongs, parts of a message and messages are all reported once with the bytes of their frames', async (t) => {
  const { transport, peer } = await connect(t, undefined, { autoPong: false });
  const read = { bytes: 0, messages: 0 };
  transport.onRead((bytes, messages) => {
    read.bytes += bytes;
    read.messages += messages;
  });
  for (let i = 0; i < 10; i++) {
    peer.ping();
    peer.pong();
    peer.send(Buffer.alloc(0), { binary: true, fin: false });
    peer.send(Buffer.alloc(0), { binary: true, fin: true });
  }
  peer.send(Buffer.alloc(1000), { binary: true, fin: false });
  // Frames of a client without contents have 6 bytes.
  while (read.bytes < 40 * 6 + 1008) await new Promise(setImmediate);
  assert.deepEqual(read, { bytes: 40 * 6 + 1008, messages: 30 });
});

test('pings are not handled while the transport does not read', async (t) => {
  const { transport, peer, socket } = await connect(t, undefined, {}, false);
  const chunks: number[] = [];
  transport.onRead((bytes) => {
    chunks.push(bytes);
    transport.pauseReading();
  });
  for (let i = 0; i < 200_000; i++) peer.ping();
  const { promise, resolve } = Promise.withResolvers<void>();
  peer.once('pong', () => resolve());
  await promise;
  transport.send(Uint8Array.of(1));
  await once(peer, 'message');
  assert.equal(chunks.length, 1);
  assert.ok(socket.bytesRead < 600_000, `${socket.bytesRead} bytes`);
});

test('a silent peer is not taken for lost while the transport does not read', async (t) => {
  const { transport, peer } = await connect(t, 30, { autoPong: false });
  transport.pauseReading();
  for (let pings = 0; pings < 6; pings++) await once(peer, 'ping');
  const closed = new Promise<void>((done) => transport.onClose(done));
  transport.resumeReading();
  await closed;
});

test('a transport that does not read leaves bytes in the socket, and gets them once it reads again', async (t) => {
  const { transport, peer } = await connect(t);
  let received = 0;
  transport.onData((bytes) => {
    received += bytes.length;
  });
  transport.pauseReading();
  for (let i = 0; i < 100; i++) peer.send(Buffer.alloc(200_000));
  transport.send(Uint8Array.of(1));
  await once(peer, 'message');
  assert.ok(received <= 200_000, `${received} bytes`);
  transport.resumeReading();
  while (received < 100 * 200_000) await new Promise(setImmediate);
});

test('a long message is passed on as it arrives, and ends the connection if it gets too long', async (t) => {
  const { transport, peer } = await connect(t);
  const received: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = Buffer.alloc(300_000, Buffer.from([1, 2, 3, 4, 5]));
  transport.onData((bytes) => {
    received.push(Buffer.from(bytes));
    if (received.reduce((sum, { length }) => sum + length, 0) === first.length) resolve();
  });
  peer.send(first, { binary: true, fin: false });
  await promise;
  assert.ok(Buffer.concat(received).equals(first));
  transport.limitMessages(400_000);
  const closed = once(peer, 'close');
  peer.send(Buffer.alloc(200_000), { binary: true, fin: false });
  assert.equal((await closed)[0], 1009);
});

test('bytes that stay as they are arrive in order among others, and all of them count as waiting', async (t) => {
  const { transport, peer } = await connect(t);
  const large = Buffer.alloc(1_000_000, Buffer.from([6, 7, 8]));
  let received = Buffer.alloc(0);
  const all = new Promise<void>((done) => {
    peer.on('message', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      if (received.length === large.length + 2) done();
    });
  });
  transport.send(Uint8Array.of(1));
  transport.sendLasting(large);
  transport.send(Uint8Array.of(2));
  assert.equal(transport.bufferedBytes, large.length + 2);
  await all;
  assert.ok(received.equals(Buffer.concat([Uint8Array.of(1), large, Uint8Array.of(2)])));
});
