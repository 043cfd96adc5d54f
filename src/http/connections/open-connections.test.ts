import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { OpenConnections } from './open-connections.ts';

/** Connections of a server that takes `connections`, with the addresses of those that made way. */
function create(connections: number, connectionsOfAddress = 100) {
  const ended: (string | undefined)[] = [];
  const open = new OpenConnections({
    limits: { connections, connectionsOfAddress },
    madeWay: (block) => ended.push(block),
  });
  const add = (block: string | undefined): Socket => {
    const socket = new Socket();
    assert.equal(open.add(socket, block), undefined);
    return socket;
  };
  return { open, add, ended };
}

test('when there are too many, the longest idle connection of the address that has most makes way', () => {
  const { open, add, ended } = create(5);
  const [one, two, three] = [add('a'), add('b'), add('b')];
  const [, five] = [add('b'), add('a')];
  open.setIdle(two, false);
  add('c');
  assert.deepEqual(
    [one, two, three, five].map((socket) => socket.destroyed),
    [false, false, true, false],
  );
  // It was in use, and is idle for the shortest time now.
  open.setIdle(two, true);
  add('c');
  assert.deepEqual([one.destroyed, two.destroyed], [true, false]);
  assert.deepEqual(ended, ['b', 'a']);
});

test('an address that has most itself, or as many as the others, is refused', () => {
  const { open, add, ended } = create(4);
  for (const block of ['a', 'a', 'b', 'b']) add(block);
  assert.equal(open.add(new Socket(), 'a'), 'HTTP_CONNECTIONS_FULL');
  assert.equal(open.add(new Socket(), 'b'), 'HTTP_CONNECTIONS_FULL');
  assert.deepEqual(ended, []);
});

test('connections in use, and those of trusted proxies, never make way', () => {
  const { open, add, ended } = create(3);
  for (const socket of [add('a'), add('a')]) open.setIdle(socket, false);
  add(undefined);
  assert.equal(open.add(new Socket(), 'b'), 'HTTP_CONNECTIONS_FULL');
  assert.deepEqual(ended, []);
});

test('an address has its own limit, and a connection that has ended counts no more', () => {
  const { open, add } = create(10, 2);
  const [first] = [add('a'), add('a')];
  assert.equal(open.add(new Socket(), 'a'), 'HTTP_ADDRESS_CONNECTIONS_FULL');
  first.emit('close');
  add('a');
});
