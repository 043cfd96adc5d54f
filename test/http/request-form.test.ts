import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { ADA, ContractServer } from '../api/contract-server.ts';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start();
});
after(() => server.close());

const AUTH = `Authorization: Basic ${Buffer.from(`${ADA.name}:${ADA.password}`).toString('base64')}`;
const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';

/** Sends lines on a new connection, and resolves with all that comes until the server ends it. */
async function speak(...lines: string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.http.port, ca: server.ca });
  socket.on('error', () => {});
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(socket, 'secureConnect');
  const closed = once(socket, 'close');
  socket.write(lines.join('\r\n'));
  await closed;
  return text;
}

/** A call that must not be served, and then another one that a proxy may take for its body. */
const REFUSED: readonly (readonly [name: string, status: number, code: string, lines: readonly string[]])[] =
  [
    [
      'two Host headers',
      400,
      'HTTP_BAD_REQUEST',
      ['GET /api/get_users HTTP/1.1', 'Host: desk', 'Host: evil'],
    ],
    ['no Host header', 400, 'HTTP_BAD_REQUEST', ['GET /api/get_users HTTP/1.1']],
    ['a Host that is a list', 400, 'HTTP_BAD_REQUEST', ['GET /api/get_users HTTP/1.1', 'Host: desk, evil']],
    [
      'two Host headers of an upgrade',
      400,
      'HTTP_BAD_REQUEST',
      ['GET /websockify HTTP/1.1', 'Host: desk', 'Host: evil', `${UPGRADE}${KEY}`],
    ],
    [
      'a list of transfer codings',
      501,
      'HTTP_TRANSFER_CODING',
      ['POST /api/create_user HTTP/1.1', 'Host: desk', 'Transfer-Encoding: gzip, chunked'],
    ],
    [
      'two Transfer-Encoding headers',
      501,
      'HTTP_TRANSFER_CODING',
      [
        'POST /api/create_user HTTP/1.1',
        'Host: desk',
        'Transfer-Encoding: gzip',
        'Transfer-Encoding: chunked',
      ],
    ],
    [
      'a length and a transfer coding',
      400,
      'HTTP_BAD_REQUEST',
      ['POST /api/create_user HTTP/1.1', 'Host: desk', 'Content-Length: 4', 'Transfer-Encoding: chunked'],
    ],
  ];

for (const [name, status, code, lines] of REFUSED) {
  test(`a request with ${name} is refused, and nothing behind it is read`, async () => {
    const hidden = ['0', '', 'GET /api/get_users HTTP/1.1', 'Host: desk', AUTH, '', ''];
    const text = await speak(...lines, AUTH, '', ...hidden);
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*"code":"${code}"`));
    assert.match(text, /\r\nconnection: close\r\n/i);
    assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, text);
  });
}
