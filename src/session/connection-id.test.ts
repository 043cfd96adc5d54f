import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnectionId } from './connection-id.ts';

test('a connection’s id is its address and the time in microseconds', () => {
  const id = createConnectionId('2001:db8::1');
  const match = /^2001:db8::1_(\d+)\.(\d{6})::websocket$/.exec(id);
  assert.ok(match, id);
  assert.ok(Math.abs(Number(`${match[1]}.${match[2]}`) - Date.now() / 1000) < 5);
});

test('connections that come in the same microsecond have different ids', () => {
  const ids = Array.from({ length: 10_000 }, () => createConnectionId('127.0.0.1'));
  assert.equal(new Set(ids).size, ids.length);
});
