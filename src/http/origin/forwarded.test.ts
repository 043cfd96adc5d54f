import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hopAddress, readForwarded } from './forwarded.ts';

test('the address of a hop is found in every form that proxies write', () => {
  for (const [hop, address] of [
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['"[2001:db8::1]:4711"', '2001:db8::1'],
    ['"192.0.2.1:_port"', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%eth0]:80', 'fe80::1'],
    ['unknown', 'unknown'],
    ['_hidden', '_hidden'],
    ['', ''],
  ] as const)
    assert.equal(hopAddress(hop), address, hop);
});

test('Forwarded is read as RFC 7239 writes it, also in its odd forms', () => {
  const read = (forwarded: string) => readForwarded({ forwarded });
  assert.deepEqual(
    read('for=192.0.2.43, FOR="[2001:db8:cafe::17]:4711";proto=https;host="desk.example:9443"'),
    {
      hops: ['192.0.2.43', '2001:db8:cafe::17'],
      host: undefined,
      port: undefined,
      scheme: undefined,
    },
  );
  assert.deepEqual(read('for=192.0.2.60;proto=https;by=203.0.113.43;host=desk.example'), {
    hops: ['192.0.2.60'],
    host: 'desk.example',
    port: undefined,
    scheme: 'https',
  });
  assert.deepEqual(read('by=203.0.113.43;Proto="http"').hops, ['']);
  assert.deepEqual(read('for="a, b;\\"c\\"", for=192.0.2.1').hops, ['a, b;"c"', '192.0.2.1']);
  for (const broken of ['', ',', ';;', 'for', '="', 'for="', `for="${'\\'.repeat(5000)}`])
    assert.equal(read(broken).host, undefined, broken.slice(0, 10));
});

test('X-Forwarded headers go before Forwarded, and WebSocket schemes count as those of HTTP', () => {
  const read = readForwarded({
    forwarded: 'for=6.6.6.6;host=evil.example;proto=http',
    'x-forwarded-for': '192.0.2.1, 10.0.0.1:80',
    'x-forwarded-host': 'desk.example, inner',
    'x-forwarded-proto': 'wss,http',
    'x-forwarded-port': '9443,80',
  });
  assert.deepEqual(read, {
    hops: ['192.0.2.1', '10.0.0.1'],
    host: 'desk.example',
    port: '9443',
    scheme: 'https',
  });
});

test('a proxy may name the address, the host and the scheme by the headers of other proxies', () => {
  assert.deepEqual(readForwarded({ 'x-real-ip': '[2001:db8::1]:80' }).hops, ['2001:db8::1']);
  const real = { 'x-real-ip': '6.6.6.6' };
  assert.deepEqual(readForwarded({ ...real, 'x-forwarded-for': '192.0.2.1' }).hops, ['192.0.2.1']);
  assert.deepEqual(readForwarded({ ...real, forwarded: 'for=192.0.2.1' }).hops, ['192.0.2.1']);
  assert.equal(readForwarded({ 'x-original-host': 'desk.example' }).host, 'desk.example');
  for (const headers of [
    { 'x-forwarded-ssl': 'on' },
    { 'front-end-https': 'On' },
    { 'x-forwarded-scheme': 'https' },
    { 'x-forwarded-protocol': 'ssl' },
    { 'x-scheme': 'https' },
    { 'x-url-scheme': 'https' },
    { 'x-forwarded-proto': '', 'x-scheme': 'https' },
  ])
    assert.equal(readForwarded(headers).scheme, 'https', JSON.stringify(headers));
  assert.equal(readForwarded({ 'x-forwarded-proto': 'http', 'x-forwarded-ssl': 'on' }).scheme, 'http');
  assert.equal(readForwarded({ 'x-forwarded-proto': 'gopher', 'x-forwarded-port': 'x' }).scheme, undefined);
});

test('of a header that is too long, the last hops are read', () => {
  const long = `${'1.1.1.1,'.repeat(100_000)}192.0.2.1`;
  assert.equal(readForwarded({ 'x-forwarded-for': long }).hops.at(-1), '192.0.2.1');
});

test('no quote that a caller leaves open hides a hop that a proxy adds', () => {
  for (const [sent, added, hop] of [
    ['for=6.6.6.6, x="', ', for=192.0.2.1', '192.0.2.1'],
    ['for=6.6.6.6, x="\\"', ', for=192.0.2.1', '192.0.2.1'],
    ['for=6.6.6.6;x="a', ', for=192.0.2.1;proto=https', '192.0.2.1'],
    ['for=6.6.6.6;x="a', ', for="[2001:db8::1]"', '2001:db8::1'],
    ['for=6.6.6.6;x="', ', for="[2001:db8::1]:4711";proto="https"', '2001:db8::1'],
    ['for=6.6.6.6;x="a\\', ',for="[2001:db8::1]"', '2001:db8::1'],
    ['for=6.6.6.6, "', ', for="192.0.2.1:80"', '192.0.2.1'],
    ['for="6.6.6.6" "', ', for="192.0.2.1:80", for="10.0.0.1"', '10.0.0.1'],
    ['x="a\\\\', ', for="a, b;\\"c\\\\"', 'a, b;"c\\'],
  ] as const)
    assert.equal(readForwarded({ forwarded: `${sent}${added}` }).hops.at(-1), hop, sent);
});

test('no text that a caller sends as Forwarded takes more time than its length needs', () => {
  const cpuMsFor = (forwarded: string): number => {
    const before = process.threadCpuUsage();
    for (let i = 0; i < 10; i++) readForwarded({ forwarded });
    return process.threadCpuUsage(before).user / 1000;
  };
  cpuMsFor('for=192.0.2.1');
  for (const part of ['\\"', '"', 'a', 'a=', 'a="', 'a="\\"', '\\', '\\\\"', 'a ', ';', ',', '="', '=\\"']) {
    const ms = cpuMsFor(`"${part.repeat(4096)}`);
    assert.ok(ms < 100, `ten times ${JSON.stringify(part)} take ${ms} ms`);
  }
});
