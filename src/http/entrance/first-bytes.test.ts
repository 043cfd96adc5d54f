import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocolOf } from './first-bytes.ts';

test('a protocol is told by the first bytes of its client, as soon as these can be of no other', () => {
  for (const [text, expected] of [
    ['', 'undecided'],
    ['\x16\x03\x01', 'tls'],
    ['\x16', 'tls'],
    ['G', 'undecided'],
    ['GET', 'undecided'],
    ['GET / HTTP/1.1\r\n', 'http'],
    ['PRI * HTTP/2.0', 'http'],
    ['P', 'undecided'],
    ['PROPFIND /', 'http'],
    ['R', 'undecided'],
    ['RFB 003.008\n', 'rfb'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'ssh'],
    ['EHLO x\r\n', 'other'],
    ['get / HTTP/1.1', 'other'],
    ['\x03\x00\x00\x13', 'other'],
    ['\x80\x2e\x01', 'other'],
  ] as const)
    assert.equal(protocolOf(Buffer.from(text, 'latin1')), expected, JSON.stringify(text));
});
