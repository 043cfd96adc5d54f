import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitRunningTime } from './running-time-limit.ts';

test('a limit ends once after its time, and not after it was taken back', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const ended: string[] = [];
  limitRunningTime(1000, () => ended.push('kept'));
  const takeBack = limitRunningTime(1000, () => ended.push('taken back'));
  t.mock.timers.tick(999);
  assert.deepEqual(ended, []);
  takeBack();
  t.mock.timers.tick(5000);
  assert.deepEqual(ended, ['kept']);
});

test('a process that stood still reads what has come meanwhile before a limit ends', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
  t.after(() => {
    client.destroy();
    socket.destroy();
  });
  const seen: string[] = [];
  socket.on('data', () => seen.push('data'));
  limitRunningTime(100, () => seen.push('over'));
  const plain = setTimeout(() => seen.push('plain timer'), 100);
  t.after(() => clearTimeout(plain));
  client.write('x');
  // The event loop stands still for longer than the limit.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  while (!seen.includes('over')) await sleep(5);
  assert.deepEqual(seen, ['plain timer', 'data', 'over']);
});
