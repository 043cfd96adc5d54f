import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fastify from 'fastify';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { openTunnel, passCall } from './pass-on.ts';

const MIB = 1024 * 1024;

/** What may be on the way between two sides of which one does not read: buffers of the kernel and of two streams. */
const MOST_ON_THE_WAY = 24 * MIB;

/** A desktop's socket, and what is connected to it. */
async function fakeDesktop(t: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  const path = join(temporaryFolder('deskwire-pass-'), 'desk');
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    onSocket(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

interface Edge {
  readonly port: number;
  readonly ended: Promise<void>;
  end(): void;
}

/** A server that opens a tunnel to the desktop for each upgrade. */
async function edgeTo(t: TestContext, path: string, handshakeMs = 60_000): Promise<Edge> {
  const place = { kind: 'unix', path } as const;
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<void>();
  let end = (): void => {};
  const server = createHttpServer();
  server.on('upgrade', (request, viewer, head) => {
    const headers = ['Host', 'edge', 'X-Name', 'Ren\u00e9'];
    end = openTunnel(request, viewer, head, { place, url: '/websockify?x=1', headers, handshakeMs, onEnd });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, ended, end: () => end() };
}

async function viewerOf(t: TestContext, { port }: Edge, early = ''): Promise<Socket> {
  const viewer = connect(port, '127.0.0.1').on('error', () => {});
  t.after(() => viewer.destroy());
  await once(viewer, 'connect');
  viewer.write(
    `GET /d/x/websockify HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${early}`,
  );
  return viewer;
}

/** Writes so many random bytes, as fast as they are taken. Counts those that were. */
function writeMuch(socket: Socket, bytes: number): { taken: number; digest: string } {
  const written = { taken: 0, digest: '' };
  const hash = createHash('sha256');
  const chunk = randomBytes(MIB);
  const next = (): void => {
    if (written.taken >= bytes) {
      written.digest = hash.digest('hex');
      socket.end();
      return;
    }
    hash.update(chunk);
    socket.write(chunk, () => {
      written.taken += chunk.length;
      next();
    });
  };
  next();
  return written;
}

/** Resolves when nothing more has been taken for a while. */
async function stalled(written: { readonly taken: number }): Promise<void> {
  let last = -1;
  let same = 0;
  await waitFor('a stall', () => {
    same = written.taken === last ? same + 1 : 0;
    last = written.taken;
    return same > 20;
  });
}

async function digestOf(socket: Socket, skip: RegExp): Promise<string> {
  const hash = createHash('sha256');
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of socket) {
    if (head === undefined) hash.update(chunk as Buffer);
    else {
      head = Buffer.concat([head, chunk as Buffer]);
      const end = skip.exec(head.toString('latin1'));
      if (end === null) continue;
      hash.update(head.subarray(end.index + end[0].length));
      head = undefined;
    }
  }
  return hash.digest('hex');
}

const HEAD_END = /\r\n\r\n/;

test('a tunnel passes bytes on unchanged, and stops reading a desktop whose viewer does not read', async (t) => {
  const { promise: written, resolve } = Promise.withResolvers<{ taken: number; digest: string }>();
  const path = await fakeDesktop(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n');
      resolve(writeMuch(socket, 100 * MIB));
    });
  });
  const viewer = await viewerOf(t, await edgeTo(t, path));
  viewer.pause();
  const sent = await written;
  await stalled(sent);
  assert.ok(sent.taken < MOST_ON_THE_WAY, `${sent.taken} bytes were taken`);
  assert.equal(await digestOf(viewer, HEAD_END), sent.digest);
});

test('a tunnel stops reading a viewer whose desktop does not read', async (t) => {
  const { promise: received, resolve } = Promise.withResolvers<Promise<string>>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const path = await fakeDesktop(t, (socket) => {
    socket.pause();
    void released.then(() => resolve(digestOf(socket, HEAD_END)));
  });
  const viewer = await viewerOf(t, await edgeTo(t, path));
  const sent = writeMuch(viewer, 100 * MIB);
  await stalled(sent);
  assert.ok(sent.taken < MOST_ON_THE_WAY, `${sent.taken} bytes were taken`);
  release();
  assert.equal(await await received, sent.digest);
});

test('a desktop gets the request of a viewer with the edge’s headers, and bytes that came early behind it', async (t) => {
  const { promise: request, resolve } = Promise.withResolvers<string>();
  let read = '';
  const path = await fakeDesktop(t, (socket) =>
    socket.setEncoding('latin1').on('data', (text: string) => {
      read += text;
      if (read.endsWith('early')) resolve(read);
    }),
  );
  await viewerOf(t, await edgeTo(t, path), 'early');
  assert.equal(
    await request,
    'GET /websockify?x=1 HTTP/1.1\r\nHost: edge\r\nX-Name: Ren\u00e9\r\n' +
      'Upgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly',
  );
});

test('a tunnel ends with each of its sides, when the edge ends it, and when the desktop stays silent', async (t) => {
  const desktops: Socket[] = [];
  const path = await fakeDesktop(t, (socket) => {
    desktops.push(socket);
    socket.resume();
  });
  const ways: readonly ((edge: Edge, viewer: Socket) => void)[] = [
    (_edge, viewer) => viewer.destroy(),
    () => desktops.at(-1)!.destroy(),
    (edge) => edge.end(),
  ];
  for (const way of ways) {
    const edge = await edgeTo(t, path);
    const known = desktops.length;
    const viewer = await viewerOf(t, edge);
    await waitFor('the desktop', () => desktops.length > known);
    way(edge, viewer);
    await edge.ended;
    await waitFor('both ends', () => viewer.destroyed && desktops.at(-1)!.destroyed);
  }
  const edge = await edgeTo(t, path, 20);
  await viewerOf(t, edge);
  await edge.ended;
});

test('a call whose desktop cannot be reached is refused by code', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  const codes: unknown[] = [];
  app.get('/', async (request, reply) => {
    const place = { kind: 'unix', path: join(temporaryFolder('deskwire-pass-'), 'none') } as const;
    const to = { place, url: '/', headers: [] };
    await passCall(request.raw, reply, to, new AbortController().signal).catch((error) =>
      codes.push(error.code),
    );
    return '';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`);
  assert.deepEqual(codes, ['FLEET_DESKTOP_SILENT']);
});

test('a call is answered also if the desktop answers before the end of its body was written', async (t) => {
  const path = join(temporaryFolder('deskwire-pass-'), 'desk');
  const desktop = createHttpServer((request, response) => request.once('data', () => response.end('done')));
  desktop.listen(path);
  await once(desktop, 'listening');
  t.after(() => desktop.close());
  const app = fastify();
  t.after(() => app.close());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.post('/', async (request, reply) => {
    const headers = ['Host', 'edge', 'Content-Length', request.headers['content-length']!];
    const to = { place: { kind: 'unix', path }, url: '/', headers } as const;
    await passCall(request.raw, reply, to, new AbortController().signal);
    return reply;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
  for (let i = 0; i < 100; i++) {
    const answer = await fetch(url, { method: 'POST', body: 'x' });
    assert.equal(answer.status, 200, `call ${i}`);
    assert.equal(await answer.text(), 'done');
  }
  await waitFor('the ends of all connections', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    desktop.getConnections((_error, count) => resolve(count));
    return (await promise) === 0;
  });
});
