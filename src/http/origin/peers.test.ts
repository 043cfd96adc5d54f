import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { askedOriginText } from './asked-origin.ts';
import { originOf, Peers } from './peers.ts';
import { markUnixSocket } from './unix-sockets.ts';

const request = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress, encrypted: true, localPort: 8443 }, headers }) as unknown as IncomingMessage;

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

test('forwarded addresses are found with ports and brackets, in both headers, and behind several proxies', () => {
  const peers = new Peers(['10.0.0.0/8', 'fd00::/8']);
  for (const [headers, address] of [
    [{ 'x-forwarded-for': '9.9.9.9:4711' }, '9.9.9.9'],
    [{ 'x-forwarded-for': '9.9.9.9:80, 10.2.2.2:81, [fd00::2]:82' }, '9.9.9.9'],
    [{ 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
    [{ 'x-forwarded-for': '9.9.9.9, unknown' }, '10.0.0.1'],
    [{ 'x-forwarded-for': '9.9.9.9, unknown, 10.2.2.2' }, '10.2.2.2'],
    [{ forwarded: 'for=6.6.6.6, for="[2001:db8::1]:4711";proto=https, for=10.2.2.2' }, '2001:db8::1'],
    [{ forwarded: 'for=6.6.6.6', 'x-forwarded-for': '9.9.9.9' }, '9.9.9.9'],
    [{ forwarded: 'for=_hidden' }, '10.0.0.1'],
  ] as const)
    assert.equal(peers.address(request('10.0.0.1', headers)), address, JSON.stringify(headers));
});

test('a caller of a Unix socket is a trusted proxy', () => {
  const peers = new Peers([]);
  const socket = {} as Socket;
  markUnixSocket(socket);
  const asked = {
    socket,
    headers: { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https', host: 'desk' },
  };
  const forwarded = asked as unknown as IncomingMessage;
  assert.equal(peers.address(forwarded), '9.9.9.9');
  assert.equal(peers.isProxied(forwarded), true);
  assert.equal(askedOriginText(peers.originAsked(forwarded)), 'https://desk');
  assert.equal(peers.address({ socket, headers: {} } as IncomingMessage), 'unix');
  assert.equal(peers.blockOf('unix'), undefined);
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
  const asked = (proxies: string[], headers: Record<string, string>): string | undefined =>
    askedOriginText(new Peers(proxies).originAsked(request('10.0.0.1', headers)));
  assert.equal(asked([], forwarded), 'https://inside:8443');
  assert.equal(asked(['10.0.0.1'], forwarded), 'http://desk.example');
  assert.equal(asked([], { host: 'desk.example:443' }), 'https://desk.example');
  assert.equal(
    asked(['10.0.0.1'], { host: 'desk.example', 'x-forwarded-port': '9443' }),
    'https://desk.example:9443',
  );
  assert.equal(asked([], { host: 'desk.example', 'x-forwarded-port': '9443' }), 'https://desk.example');
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
