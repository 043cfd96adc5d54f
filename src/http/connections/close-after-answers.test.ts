import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { waitFor } from '../../../test/support/wait-for.ts';
import { closeAfterAnswers } from './close-after-answers.ts';

/** More than the kernel takes for a client that does not read. */
const MUCH_BYTES = 12 * 1024 * 1024;

async function listening(t: TestContext, handle: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(handle);
  closeAfterAnswers(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.closeAllConnections());
  return { server, port: (server.address() as AddressInfo).port };
}

async function ask(t: TestContext, port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a server that closes while an answer waits for its reader sends all of it, and then ends the connection', async (t) => {
  let isWritten = false;
  const { server, port } = await listening(t, (_request, response) => {
    response.end(Buffer.alloc(MUCH_BYTES));
    isWritten = true;
  });
  const socket = await ask(t, port, GET);
  await waitFor('the answer', () => isWritten);
  const closed = once(server, 'close');
  server.close();
  const all = await buffer(socket);
  assert.ok(all.length > MUCH_BYTES, `${all.length} bytes`);
  await closed;
});

test('a server that closes ends idle connections at once, and others after the last of their answers', async (t) => {
  const waiting: (() => void)[] = [];
  const { server, port } = await listening(t, (_request, response) => {
    waiting.push(() => response.end('done'));
  });
  const idle = await ask(t, port, GET);
  await waitFor('the request', () => waiting.length === 1);
  const busy = await ask(t, port, GET + GET);
  await waitFor('all requests', () => waiting.length === 3);
  const [first, ...others] = waiting;
  first!();
  await once(idle, 'data');
  server.close();
  await once(idle.resume(), 'close');
  const answers = buffer(busy);
  for (const end of others) end();
  assert.equal((await answers).toString('latin1').split('HTTP/1.1 200').length - 1, 2);
});
