import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnectionId } from './connection-id.ts';

test('an id is the address and the time to the microsecond', () => {
  const id = createConnectionId('2001:db8::1');
  const match = /^2001:db8::1_(\d+)\.(\d{6})::websocket$/.exec(id);
  assert.ok(match, id);
  assert.ok(Math.abs(Number(`${match[1]}.${match[2]}`) - Date.now() / 1000) < 5);
});

test('no two are the same, however fast they come', () => {
  const ids = Array.from({ length: 10_000 }, () => createConnectionId('127.0.0.1'));
  assert.equal(new Set(ids).size, ids.length);
});
