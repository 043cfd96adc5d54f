import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { ADA, ContractServer } from '../api/contract-server.ts';
import { closeOf } from '../support/close-of.ts';

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
  const closed = closeOf(socket);
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
      'a transfer coding that is only like chunked',
      501,
      'HTTP_TRANSFER_CODING',
      ['POST /api/create_user HTTP/1.1', 'Host: desk', 'Transfer-Encoding: xchunked'],
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

const CALL = `POST /api/create_user HTTP/1.1\r\nHost: desk\r\n${AUTH}\r\n`;
const CHUNKED = `${CALL}Transfer-Encoding: chunked\r\n\r\n`;

/** Requests whose end or meaning two readers may take for different ones (RFC 9112, 2.2, 3, 5 and 7.1). */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  'two Host headers': `${CALL}Host: evil\r\n\r\n`,
  'no Host header': `${CALL.replace('Host: desk\r\n', '')}\r\n`,
  'a list of hosts': `${CALL.replace('Host: desk', 'Host: desk, evil')}\r\n`,
  'two logins': `${CALL}${AUTH}\r\n\r\n`,
  'a folded header': `${CALL}X: a\r\n b\r\n\r\n`,
  'a space before the colon of a header': `${CALL}X : a\r\n\r\n`,
  'a line end without CR': `${CALL}X: a\nY: b\r\n\r\n`,
  'a CR in a header': `${CALL}X: a\rb\r\n\r\n`,
  'a zero byte in a header': `${CALL}X: a\0b\r\n\r\n`,
  'two lengths': `${CALL}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
  'the same length twice': `${CALL}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`,
  'a list of lengths': `${CALL}Content-Length: 4, 4\r\n\r\nabcd`,
  'a length with a sign': `${CALL}Content-Length: +4\r\n\r\nabcd`,
  'a length above 2^64': `${CALL}Content-Length: 99999999999999999999\r\n\r\n`,
  'a chunk length with a prefix': `${CHUNKED}0x4\r\nabcd\r\n0\r\n\r\n`,
  'a negative chunk length': `${CHUNKED}-1\r\n`,
  'a chunk extension that ends without CR': `${CHUNKED}4;a\nabcd\r\n0\r\n\r\n`,
  'a version that does not exist': `${CALL.replace('1.1', '1.2')}\r\n`,
  'no version': 'GET /healthz\r\n\r\n',
  'a method in lower case': `${CALL.replace('POST', 'post')}\r\n`,
  'a space in its address': `${CALL.replace('create_user', 'create_user x')}\r\n`,
  'an address without a slash': `${CALL.replace('/api', 'api')}\r\n`,
};

for (const [name, text] of Object.entries(AMBIGUOUS)) {
  test(`a request with ${name} is refused, and its connection ends`, async () => {
    const answers = await speak(text, 'GET /healthz HTTP/1.1', 'Host: desk', '', '');
    assert.deepEqual(
      [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
      ['400'],
    );
  });
}

test('a request for an upgrade that is served as a plain one ends its connection', async () => {
  const answers = await speak(
    `GET /healthz HTTP/1.1\r\nHost: desk\r\n${UPGRADE}`,
    'GET /healthz HTTP/1.1',
    '',
    '',
  );
  assert.match(answers, /^HTTP\/1\.1 200 [\s\S]*\r\nconnection: close\r\n/i);
});
