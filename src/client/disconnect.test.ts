import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Disconnect, explainDisconnect, overlayFor } from './disconnect.ts';

const end = (what: Partial<Disconnect>): Disconnect => ({
  serverReason: '',
  localReason: '',
  isFinal: false,
  probeStatus: 200,
  wasConnected: true,
  hasOpened: true,
  wasLoggedIn: true,
  isOnline: true,
  ...what,
});

test('the page says that the device has no network, rather than that the server has stopped', () => {
  const lost = end({ probeStatus: undefined, serverReason: 'the server is shutting down', isOnline: false });
  const explained = explainDisconnect(lost);
  assert.deepEqual([explained.title, explained.next], ['You are offline', 'retry']);
  // Without a network, a server on the same device answers.
  assert.notEqual(explainDisconnect({ ...lost, probeStatus: 503 }).title, 'You are offline');
});

test('a removed user sees the reason above the form, and the page does not retry', () => {
  const explained = explainDisconnect(end({ serverReason: 'your account was removed', probeStatus: 401 }));
  assert.deepEqual(overlayFor(explained, 0), {
    kind: 'form',
    title: 'You are signed out',
    reason: 'Your account was removed.',
  });
  assert.equal(explained.hidesPicture, true);
});

test('a visitor gets the form without an explanation, and who was logged in learns that the session has ended', () => {
  const visitor = { probeStatus: 401, code: 'HTTP_LOGIN_NEEDED', wasConnected: false, wasLoggedIn: false };
  assert.deepEqual(overlayFor(explainDisconnect(end(visitor)), 0), {
    kind: 'form',
    title: 'Sign in',
    reason: '',
  });
  const former = explainDisconnect(end({ ...visitor, wasLoggedIn: true }));
  assert.match(former.reason, /^Your session has ended\. Sign in to go on/);
});

test('a login that the server throttles is explained with the time to wait', () => {
  const throttled = end({
    probeStatus: 401,
    code: 'HTTP_TOO_MANY_LOGINS',
    retryAfterS: 12,
    wasConnected: false,
  });
  assert.match(explainDisconnect(throttled).reason, /try again in 12 s/);
});

test('missing rights and a refused address end the connection for good, and every other cause is retried', () => {
  assert.equal(explainDisconnect(end({ probeStatus: 403 })).next, 'connect');
  for (const probeStatus of [undefined, 200, 404, 409, 429, 502]) {
    assert.equal(explainDisconnect(end({ probeStatus })).next, 'retry', `${probeStatus}`);
  }
});

test('a user without the right to see may try again, or log in as somebody else', () => {
  const shown = overlayFor(explainDisconnect(end({ probeStatus: 403, code: 'HTTP_NO_READ' })), 0);
  assert.deepEqual(shown, {
    kind: 'ended',
    title: 'No access to this desktop',
    reason: 'Your account may not connect. Ask the owner of the desktop for the right to read.',
    action: 'Try again',
    other: 'Sign in as someone else',
  });
});

test('a page whose address is refused shows what the server says about it', () => {
  const serverReason = 'The page is of https://a.example, and the request asks for https://b.example.';
  const refused = explainDisconnect(end({ probeStatus: 403, code: 'HTTP_FOREIGN_PAGE', serverReason }));
  assert.equal(refused.title, 'The server refuses this page’s address');
  assert.ok(refused.reason.endsWith(serverReason), refused.reason);
  assert.deepEqual(overlayFor(refused, 0).kind, 'ended');
  assert.equal(refused.mayBeOther, undefined);
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
    assert.deepEqual([explained.next, explained.reason], ['connect', 'Lunch break.'], `${probeStatus}`);
  }
  assert.equal(overlayFor(explainDisconnect({ ...ended, probeStatus: 401 }), 0).kind, 'form');
});

test('a page with too many connections, or whose desktop another user has, says so and retries', () => {
  const full = explainDisconnect(end({ probeStatus: 429 }));
  assert.deepEqual([full.title, full.next], ['Too many connections', 'retry']);
  const taken = explainDisconnect(end({ probeStatus: 409, code: 'SESSION_EXCLUSIVE' }));
  assert.deepEqual([taken.title, taken.next], ['The desktop is in use', 'retry']);
});

test('a browser that opens the page but no WebSocket is a matter of the certificate or of a proxy', () => {
  const failed = end({ wasConnected: false, hasOpened: false });
  assert.match(explainDisconnect(failed).reason, /certificate.*Safari.*proxy/);
  assert.equal(explainDisconnect(failed).next, 'retry');
  assert.doesNotMatch(explainDisconnect({ ...failed, serverReason: 'Full.' }).reason, /certificate/);
});

test('the reason from the server takes precedence over the reason found by the page', () => {
  const both = end({ serverReason: 'The server is shutting down.', localReason: 'bad data' });
  assert.equal(explainDisconnect(both).reason, 'The server is shutting down.');
  assert.equal(
    explainDisconnect(end({ localReason: 'bad data' })).reason,
    'The page could not read what the server has sent. Bad data.',
  );
  assert.equal(explainDisconnect({ ...both, probeStatus: undefined }).reason, 'The server is shutting down.');
  assert.match(explainDisconnect(end({})).reason, /without saying why/);
});

test('a page waits quietly for a desktop of a fleet that does not run, and not for one that was removed', () => {
  const words = { title: 'The desktop is paused', reason: 'Paused since 10:42.' };
  // The desktop's own farewell says less.
  const farewell = { serverReason: 'The server is shutting down.', isFinal: true, probeStatus: 503 };
  const paused = explainDisconnect(end({ ...farewell, absence: { ...words, isOver: false } }));
  assert.deepEqual(paused, { ...words, next: 'wait' });
  assert.deepEqual(overlayFor(paused, 0), { kind: 'notice', ...words });
  const removed = explainDisconnect(
    end({ ...farewell, probeStatus: 404, absence: { ...words, isOver: true } }),
  );
  assert.equal(removed.next, 'connect');
  assert.equal(removed.hidesPicture, true);
});
