import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareDesktop, connectTo, x } from './support.ts';

/** More sizes than modes are kept: the first ones are deleted again. */
const SIZES = [700, 710, 720, 730, 740, 750, 760].map((width) => ({ width, height: 500 }));

/** Id that belongs to no window. */
const BOGUS_ID = 0x7ffffff;

test('a connection outlives a refused request whose answer nothing waits for', async () => {
  const { desktop, env } = await bareDesktop();
  try {
    const connection = await connectTo(env);
    connection.client.DestroyWindow(BOGUS_ID);
    await connection.sync();
    assert.equal(connection.isOpen, true);
    await connection.sync();
    await connection.close();
  } finally {
    await desktop.close();
  }
});

test('a desktop outlives a program that deletes the modes that the desktop made', async () => {
  const { desktop, env } = await bareDesktop();
  const lost: Error[] = [];
  desktop.on('lost', (error) => lost.push(error));
  try {
    const [first, second, ...others] = SIZES;
    await desktop.resize(first!);
    await desktop.resize(second!);
    await x(env, 'xrandr', '--delmode', 'screen', '700x500');
    await x(env, 'xrandr', '--rmmode', '700x500');
    for (const size of others) assert.deepEqual(await desktop.resize(size), size);
    assert.deepEqual(lost, []);
  } finally {
    await desktop.close();
  }
});
