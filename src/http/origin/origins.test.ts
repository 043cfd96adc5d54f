import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { Origins } from './origins.ts';
import { Peers } from './peers.ts';

const request = (headers: Record<string, string>, url = '/', method = 'GET'): IncomingMessage =>
  ({
    socket: { remoteAddress: '192.0.2.1', encrypted: true, localPort: 8443 },
    headers,
    url,
    method,
  }) as unknown as IncomingMessage;

const PORTAL = 'https://portal.example';
const origins = new Origins(new Peers([]), [PORTAL]);
const FRAME = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' };

test('a cookie is for frames of other sites only in such a frame, and for calls of an allowed page', () => {
  for (const [expected, ...parts] of [
    [true, FRAME],
    [true, { origin: PORTAL, 'sec-fetch-site': 'cross-site' }, '/ticket', 'POST'],
    [true, { 'sec-fetch-site': 'same-origin' }, '/ticket?framed', 'POST'],
    [false, { ...FRAME, 'sec-fetch-site': 'same-site' }],
    [false, { ...FRAME, 'sec-fetch-dest': 'document' }],
    [false, { origin: PORTAL, 'sec-fetch-site': 'same-site' }, '/ticket', 'POST'],
    [false, { 'sec-fetch-site': 'same-origin' }, '/ticket?unframed', 'POST'],
    // A link must not choose the form of a cookie.
    [false, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }, '/?framed', 'GET'],
  ] as const) {
    const [headers, url, method] = parts;
    assert.equal(origins.isFramed(request({ ...headers }, url, method)), expected, JSON.stringify(parts));
  }
  assert.equal(new Origins(new Peers([]), []).isFramed(request(FRAME)), false, 'no site is allowed');
});

test('a page on another port of a host without a port is foreign to browsers that tell the two apart', () => {
  const from = (headers: Record<string, string>) =>
    origins.isForeignOrigin(
      request({ host: 'desk.example', origin: 'https://desk.example:9443', ...headers }),
    );
  assert.equal(from({}), false);
  assert.equal(from({ 'sec-fetch-site': 'same-origin' }), false);
  assert.equal(from({ 'sec-fetch-site': 'same-site' }), true);
  assert.equal(from({ origin: PORTAL, 'sec-fetch-site': 'cross-site' }), false);
});

test('a refusal names both origins, and never more of them than is useful', () => {
  const long = `https://${'x'.repeat(5000)}.example`;
  const text = origins.mismatch(request({ host: 'desk.example:8443', origin: 'https://evil.example' }));
  assert.match(text, /of https:\/\/evil\.example, and the request asks for https:\/\/desk\.example:8443\./);
  assert.ok(origins.mismatch(request({ host: 'desk', origin: long })).length < 700);
  assert.match(origins.mismatch(request({ origin: 'null' })), /a page without an origin/);
});

test('a page whose origin the browser hides may change something only if the browser says that it is our own', () => {
  const from = (site?: string) =>
    origins.judge(request({ origin: 'null', ...(site !== undefined && { 'sec-fetch-site': site }) }));
  assert.equal(from('same-origin'), 'may change');
  for (const site of ['same-site', 'cross-site', 'none', undefined])
    assert.equal(from(site), 'foreign page', `${site}`);
});
