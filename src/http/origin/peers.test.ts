import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { originOf, Peers } from './peers.ts';

const request = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

test('the address of a request is that of its socket, and IPv4 addresses are written as IPv4', () => {
  const peers = new Peers([]);
  assert.equal(peers.address(request('::ffff:10.1.2.3')), '10.1.2.3');
  assert.equal(peers.address(request('2001:db8::1')), '2001:db8::1');
  assert.equal(peers.address(request('10.0.0.1', { 'x-forwarded-for': '9.9.9.9' })), '10.0.0.1');
});

test('a trusted proxy is believed, back to the first address that is not trusted', () => {
  const peers = new Peers(['10.0.0.0/8', '::1']);
  assert.equal(
    peers.address(request('10.0.0.1', { 'x-forwarded-for': '6.6.6.6, 9.9.9.9, 10.2.2.2' })),
    '9.9.9.9',
  );
  assert.equal(peers.address(request('::1', { 'x-forwarded-for': '::ffff:9.9.9.9' })), '9.9.9.9');
  assert.equal(peers.address(request('10.0.0.1', { 'x-forwarded-for': 'nonsense' })), '10.0.0.1');
  assert.equal(peers.address(request('10.0.0.1')), '10.0.0.1');
});

test('a trusted network includes its first and its last address', () => {
  const peers = new Peers(['10.8.0.0/13', 'fd00:1::/32']);
  const from = (proxy: string) => peers.address(request(proxy, { 'x-forwarded-for': '9.9.9.9' }));
  for (const inside of ['10.8.0.0', '10.15.255.255', '::ffff:10.9.1.1', 'fd00:1:ffff::1']) {
    assert.equal(from(inside), '9.9.9.9', inside);
  }
  for (const outside of ['10.7.255.255', '10.16.0.0', 'fd00:2::1']) assert.equal(from(outside), outside);
});

test('connections count for the block of their address, and those of a trusted proxy for none', () => {
  const peers = new Peers(['10.0.0.0/8', '2001:db8:0:7::1']);
  assert.equal(peers.blockOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(peers.blockOf('2001:db8:0:7::2'), '2001:db8:0:7::/64');
  for (const proxy of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8:0:7::1'])
    assert.equal(peers.blockOf(proxy), undefined, proxy);
});

test('the origin that a request asks for is its Host, or the one that a trusted proxy forwards', () => {
  const forwarded = { host: 'inside:8443', 'x-forwarded-host': 'desk.example', 'x-forwarded-proto': 'http' };
  assert.equal(new Peers([]).originAsked(request('10.0.0.1', forwarded)), 'https://inside:8443');
  assert.equal(new Peers(['10.0.0.1']).originAsked(request('10.0.0.1', forwarded)), 'http://desk.example');
  assert.equal(
    new Peers([]).originAsked(request('10.0.0.1', { host: 'desk.example:443' })),
    'https://desk.example',
  );
});

test('a trusted proxy that is neither an address nor a network is refused', () => {
  for (const bad of ['proxy.example', '10.0.0.0/99', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '/8', '']) {
    assert.throws(() => new Peers([bad]), { code: 'HTTP_BAD_PROXY' }, bad);
  }
});

test('only URLs of http and https have an origin', () => {
  assert.equal(originOf('https://Desk.Example:443/path'), 'https://desk.example');
  assert.equal(originOf('data:text/html,x'), undefined);
  assert.equal(originOf('desk'), undefined);
});
