import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Disconnect, explainDisconnect, overlayFor } from './disconnect.ts';

const end = (what: Partial<Disconnect>): Disconnect => ({
  serverReason: '',
  localReason: '',
  isFinal: false,
  probeStatus: 200,
  wasConnected: true,
  ...what,
});

test('a removed user sees the reason and the page does not retry', () => {
  const explained = explainDisconnect(end({ serverReason: 'your account was removed', probeStatus: 401 }));
  assert.equal(explained.retries, false);
  assert.equal(explained.reason, 'Your account was removed.');
});

test('missing rights end the connection for good, and every other cause is retried', () => {
  assert.equal(explainDisconnect(end({ probeStatus: 403 })).retries, false);
  for (const probeStatus of [undefined, 200, 404, 502]) {
    assert.equal(explainDisconnect(end({ probeStatus })).retries, true, `${probeStatus}`);
  }
});

test('a user whose connection an owner has ended sees why, and connects again only by a click', () => {
  const ended = end({ serverReason: 'Lunch break', isFinal: true });
  assert.deepEqual(overlayFor(explainDisconnect(ended), 0), {
    kind: 'ended',
    title: 'You were disconnected',
    reason: 'Lunch break.',
    action: 'Connect again',
  });
  // Whatever the server says about the next connection.
  for (const probeStatus of [409, 429, 503]) {
    const explained = explainDisconnect({ ...ended, probeStatus });
    assert.deepEqual([explained.retries, explained.reason], [false, 'Lunch break.'], `${probeStatus}`);
  }
  const removed = overlayFor(explainDisconnect({ ...ended, probeStatus: 401 }), 0);
  assert.equal(removed.kind === 'ended' && removed.action, 'Sign in again');
});

test('a page with too many connections says so and retries', () => {
  const explained = explainDisconnect(end({ probeStatus: 429 }));
  assert.equal(explained.title, 'Too many connections');
  assert.equal(explained.retries, true);
});

test('the reason from the server takes precedence over the reason found by the page', () => {
  const both = end({ serverReason: 'The server is shutting down.', localReason: 'bad data' });
  assert.equal(explainDisconnect(both).reason, 'The server is shutting down.');
  assert.equal(explainDisconnect(end({ localReason: 'bad data' })).reason, 'Bad data.');
  assert.equal(explainDisconnect({ ...both, probeStatus: undefined }).reason, 'The server is shutting down.');
  assert.match(explainDisconnect(end({})).reason, /without saying why/);
});
