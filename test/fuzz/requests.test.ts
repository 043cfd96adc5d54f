import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { joinBytes } from '../../src/protocol/join-bytes.ts';
import { ADA, BOB, ContractServer } from '../api/contract-server.ts';
import { caseSeed } from './fuzz-target.ts';
import { damagedText, some, word } from './text.ts';

/** Seed of all requests; FUZZ_SEED gives another. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Requests, by FUZZ_SHARE times as many. Each takes 2 ms, most of it for TLS. */
const REQUESTS = Math.ceil(1000 * Number(process.env.FUZZ_SHARE ?? 1));
/** Share of the requests that must get each of the usual answers. */
const LEAST_SHARE = 0.01;
/** Requests at the same time. */
const AT_ONCE = 8;
/** Wait for an answer to what may be no whole request, in ms. Then the caller hangs up. */
const PATIENCE_MS = 500;
/** Longest wait for an answer, in ms: longer than any time limit for a whole request that has arrived. */
const ANSWER_LIMIT_MS = 60_000;

const AUTHORIZATION = `Basic ${Buffer.from(`${ADA.name}:${ADA.password}`).toString('base64')}`;
const PATHS = [
  '/',
  '/api/get_users',
  '/api/create_user?name=zed&password=x',
  '/api/update_user?name=zed&write=true',
  '/api/get_screenshot?width=64&format=png',
  '/api/get_bottleneck_stats',
  '/api/get_frame_stats?client=none',
  '/api/send_full_clipboard',
  '/api/downloads',
  '/websockify',
  '/api/%2e%2e/%2e%2e/etc/passwd',
  '//api/get_users',
  'https://other.example/api/get_users',
  '*',
];
/** Paths at the beginning that whole requests are made for. */
const WHOLE_PATHS = 9;
const METHODS = ['GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'TRACE', 'CONNECT', 'GE T'];
const HEADERS = [
  'Host: 127.0.0.1',
  'Host: other.example',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Type: application/json',
  'Expect: 100-continue',
  'Range: bytes=0-1',
  'If-None-Match: *',
  'Origin: https://evil.example',
  'Cookie: __Host-deskwire-1=x',
  `X-Long: ${'y'.repeat(20_000)}`,
];
/** Headers that any request may have. */
const HARMLESS_HEADERS = [
  'Accept: */*',
  'Range: bytes=0-1',
  'If-None-Match: *',
  'Accept-Encoding: gzip',
  'Cookie: a=b; c',
  'X-Forwarded-For: 9.9.9.9',
];
const BODIES = [
  '',
  '[]',
  '[{"user":"zed","password":"x"}]',
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffffff\r\n',
  '{',
];

let server: ContractServer;
let ca: string;

before(async () => {
  server = await ContractServer.start({ limits: { connectsOfAddressPerSecond: 100_000 } });
  ca = readFileSync(server.certificatePath, 'utf8');
});
after(() => server?.close());

/** Makes a request of one of the first paths, most of which a call answers with 200. */
function makeWhole(dice: Dice): Uint8Array {
  const path = `${dice.pick(PATHS.slice(0, WHOLE_PATHS))}${dice.chance(0.2) ? `?${word(dice, ['a=b', 'x'])}` : ''}`;
  const headers = some(dice, HARMLESS_HEADERS).map((header) => `${header}\r\n`);
  const login = dice.chance(0.9) ? `Authorization: ${AUTHORIZATION}\r\n` : '';
  return Buffer.from(
    `${dice.pick(['GET', 'HEAD', 'POST'])} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${login}${headers.join('')}\r\n`,
  );
}

/** Makes a request that is damaged anywhere but in its login, because wrong passwords are answered late. */
function makeDamaged(dice: Dice): Uint8Array {
  const first = `${dice.pick(METHODS)} ${word(dice, PATHS)} HTTP/1.${dice.chance(0.95) ? 1 : 0}\r\n`;
  const login = dice.chance(0.9) ? `Authorization: ${AUTHORIZATION}\r\n` : '';
  const others = Array.from({ length: dice.integer(0, 3) }, () => `${word(dice, HEADERS)}\r\n`);
  const rest = `${dice.chance(0.9) ? 'Host: 127.0.0.1\r\n' : ''}${others.join('')}\r\n${dice.pick(BODIES)}`;
  const isFirst = dice.chance(0.3);
  return joinBytes([
    isFirst ? damagedText(first, dice) : Buffer.from(first),
    Buffer.from(login),
    isFirst ? Buffer.from(rest) : damagedText(rest, dice),
  ]);
}

/** Sends bytes on a connection of their own, and resolves with all that comes back. */
function exchange(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let patience: NodeJS.Timeout | undefined;
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: server.http.port, ca }, () => {
      socket.write(bytes);
      // A caller that ends its half gets no answer, because the server then aborts the call.
      patience = setTimeout(() => socket.end(), PATIENCE_MS);
    });
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('No answer, and no end.')));
    socket.setEncoding('latin1').on('data', (part: string) => {
      said += part;
      socket.end();
    });
    // A server that cuts a malformed request off resets the connection.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(said);
      else reject(error);
    });
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(said);
    });
  });
}

test(`${REQUESTS} damaged HTTP requests get an answer that is no failure, or the end of their connection`, async (t) => {
  let next = 0;
  const answers: Record<string, number> = Object.create(null);
  const work = async (): Promise<void> => {
    for (let index = next++; index < REQUESTS; index = next++) {
      const dice = createDice(caseSeed(SEED, index));
      const request = dice.chance(0.5) ? makeWhole(dice) : makeDamaged(dice);
      const said = await exchange(request).catch((error: Error) => `HTTP/1.1 000 ${error.message}`);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(said)?.[1];
      const shown = JSON.stringify(Buffer.from(request.subarray(0, 500)).toString('latin1'));
      const what = `request ${index} of seed ${SEED} (FUZZ_SEED=${SEED}): ${shown}: ${said.slice(0, 200)}`;
      assert.ok(said === '' || status !== undefined, what);
      assert.ok(!['000', '500'].includes(status ?? ''), what);
      answers[status ?? 'none'] = (answers[status ?? 'none'] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  t.diagnostic(JSON.stringify(answers));
  // Requests that reach a call, and some that reach each check before it.
  for (const status of ['200', '400', '401', '404'])
    assert.ok((answers[status] ?? 0) >= REQUESTS * LEAST_SHARE, `${status}: ${JSON.stringify(answers)}`);
  assert.doesNotMatch(server.logged, /"level":(50|60)/);
  assert.equal((await server.client(BOB).get('/api/get_users')).status, 200);
  assert.doesNotMatch(server.logged, new RegExp(ADA.password));
});
