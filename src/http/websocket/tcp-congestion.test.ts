import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setCongestionControl } from './tcp-congestion.ts';

test('a connection gets the congestion control that was set, and keeps its own if the kernel lacks it', async (t) => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  // Every kernel has reno, and allows it to every user.
  assert.equal(setCongestionControl(socket, 'reno'), 'reno');
  assert.equal(setCongestionControl(socket, 'no-such-one'), 'reno');
});

test('a stream without a file descriptor has no congestion control', () => {
  assert.throws(() => setCongestionControl(new PassThrough(), 'reno'), /no file descriptor/);
});
