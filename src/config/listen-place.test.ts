import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListenPlace, isLocalPlace, parseListenPlace } from './listen-place.ts';

const tcp = (host: string, port?: number) => ({ kind: 'tcp', host, port });

test('a place to listen at is an address, a name or a Unix socket, with or without a port of its own', () => {
  for (const [text, place] of [
    ['127.0.0.1', tcp('127.0.0.1')],
    ['127.0.0.1:9443', tcp('127.0.0.1', 9443)],
    ['::', tcp('::')],
    ['[::1]', tcp('::1')],
    ['[::1]:0', tcp('::1', 0)],
    ['localhost:80', tcp('localhost', 80)],
    ['desk.example', tcp('desk.example')],
    ['unix:/run/desk.sock', { kind: 'unix', path: '/run/desk.sock' }],
  ] as const) {
    assert.deepEqual(parseListenPlace(text), place, text);
    assert.deepEqual(parseListenPlace(formatListenPlace(parseListenPlace(text)!)), place, text);
  }
});

test('a mistyped place to listen at is refused', () => {
  const long = `unix:/${'x'.repeat(107)}`;
  for (const text of [
    '',
    '127.0.0',
    '999.1.1.1',
    '::1:x',
    '[127.0.0.1]',
    'host:',
    'host:70000',
    'host:1:2',
    long,
  ])
    assert.equal(parseListenPlace(text), undefined, text);
  for (const path of ['', 'desk.sock', '/run/', '@abstract'])
    assert.equal(parseListenPlace(`unix:${path}`), undefined);
});

test('only loopback addresses and Unix sockets are local places', () => {
  const isLocal = (text: string) => isLocalPlace(parseListenPlace(text)!);
  for (const local of ['127.0.0.1', '127.8.0.1:80', '::1', 'localhost', 'unix:/s'])
    assert.ok(isLocal(local), local);
  for (const open of ['0.0.0.0', '::', '192.168.0.1', '127.example', 'desk.example:80'])
    assert.ok(!isLocal(open), open);
});
