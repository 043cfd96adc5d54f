import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpsOnly, rfbRefusal, sshRefusal } from './other-protocols.ts';

test('the refusal of an RFB client has the form of the client’s version', () => {
  assert.deepEqual([...rfbRefusal('RFB 003.008\n', 'no')], [0, 0, 0, 0, 2, 0x6e, 0x6f]);
  assert.deepEqual([...rfbRefusal('RFB 003.889\n', 'no')], [0, 0, 0, 0, 2, 0x6e, 0x6f]);
  assert.deepEqual([...rfbRefusal('RFB 003.003\n', 'no')], [0, 0, 0, 0, 0, 0, 0, 2, 0x6e, 0x6f]);
});

test('the refusal of an SSH client is a whole packet, whatever the length of the reason', () => {
  for (let length = 0; length < 20; length++) {
    const reason = 'x'.repeat(length);
    const bytes = sshRefusal(reason);
    const packet = bytes.subarray(bytes.indexOf('\n') + 1);
    assert.equal(packet.length % 8, 0);
    assert.equal(packet.readUInt32BE(0), packet.length - 4);
    assert.ok(packet[4]! >= 4);
    assert.equal(packet.toString('latin1', 14, 14 + length), reason);
  }
});

test('a browser with plain HTTP at a port for HTTPS is redirected there, and other callers get a sentence', () => {
  const [head = '', body = ''] = httpsOnly('GET /desk?x=1 HTTP/1.1\r\nHost: desk:8443\r\n\r\n', 'here').split(
    '\r\n\r\n',
  );
  assert.match(head, /^HTTP\/1\.1 307 .*\r\nLocation: https:\/\/desk:8443\/desk\?x=1\r\n/);
  assert.equal(body, 'This port speaks HTTPS. Use https://desk:8443/ instead.\n');
  for (const request of [
    'POST /api/create_user HTTP/1.1\r\nHost: desk:8443\r\n\r\n',
    'GET http://evil.example/ HTTP/1.1\r\nHost: desk:8443\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a"b\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    `GET /${'x'.repeat(3000)} HTTP/1.1\r\nHost: desk\r\n\r\n`,
    'GET /\u0001 HTTP/1.1\r\nHost: desk\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])
    assert.match(
      httpsOnly(request, 'here'),
      /^HTTP\/1\.1 400 (?![\s\S]*Location:)[\s\S]*This port speaks HTTPS/,
      request,
    );
});
