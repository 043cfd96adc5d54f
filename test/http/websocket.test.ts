import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { ANSWER_HEADERS } from '../../src/http/problems/answer-headers.ts';
import { MAX_MESSAGE_BYTES } from '../../src/http/websocket/transport.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import { MAX_CLIENT_MESSAGE_BYTES } from '../../src/protocol/clipboard-messages.ts';
import { CLIPBOARD_CAPS } from '../../src/protocol/constants.ts';
import { MAX_READER_MESSAGE_BYTES } from '../../src/session/viewer/message-rights.ts';
import { ADA, ContractServer, EVE, type Login } from '../api/contract-server.ts';
import { waitFor } from '../support/wait-for.ts';

let server: ContractServer;
before(async () => {
  server = await ContractServer.start({ allowOrigin: ['https://portal.example'], trustProxy: ['127.0.0.1'] });
});
after(() => server.close());

function open(
  headers: Record<string, string>,
  login?: Login,
  path = '/websockify',
  protocols: string[] = ['binary'],
): WebSocket {
  const url = new URL(path, server.url.replace('https', 'wss'));
  const auth = login && `${login.name}:${login.password}`;
  return new WebSocket(url, protocols, {
    ca: server.ca,
    headers,
    perMessageDeflate: true,
    ...(auth !== undefined && { auth }),
  });
}

async function refusalOf(socket: WebSocket): Promise<{ status?: number; challenge?: string; body: string }> {
  const [, response] = await once(socket, 'unexpected-response');
  let body = '';
  for await (const part of response) body += part;
  return { status: response.statusCode, challenge: response.headers['www-authenticate'], body };
}

test('a viewer with a password is greeted with RFB, in its sub-protocol and without compression', async () => {
  for (const protocols of [['binary'], ['base64', 'binary'], []]) {
    const socket = open({}, EVE, '/websockify', protocols);
    const [data] = await once(socket, 'message');
    assert.equal(data.toString(), 'RFB 003.008\n');
    assert.equal(socket.protocol, protocols.length > 0 ? 'binary' : '');
    assert.equal(socket.extensions, '');
    socket.terminate();
  }
});

test('a WebSocket with no or wrong credentials gets 401, without a dialog in a page', async () => {
  const none = await refusalOf(open({ 'sec-fetch-mode': 'websocket' }));
  assert.deepEqual([none.status, none.challenge], [401, undefined]);
  assert.match(none.body, /HTTP_LOGIN_NEEDED/);
  assert.equal((await refusalOf(open({}, { name: 'eve', password: 'wrong' }))).status, 401);
});

test('the login cookie suffices for a WebSocket', async () => {
  const page = await server.client(EVE).get('/');
  const cookie = page.headers['set-cookie']![0]!.split(';')[0]!;
  const socket = open({ cookie });
  await once(socket, 'message');
  socket.terminate();
});

test('a WebSocket of a foreign page gets 403 even with the password, and one of an allowed page connects', async () => {
  const { origin, host } = new URL(server.url);
  for (const foreign of ['https://evil.example', 'null', `http://${host}`]) {
    const refusal = await refusalOf(open({ origin: foreign }, EVE));
    assert.equal(refusal.status, 403, foreign);
    assert.match(refusal.body, /HTTP_FOREIGN_PAGE/);
  }
  const viaProxy = { origin: 'https://desk.example', 'x-forwarded-host': 'desk.example' };
  for (const headers of [{ origin }, { origin: 'https://portal.example' }, viaProxy]) {
    const socket = open(headers, EVE);
    await once(socket, 'message');
    socket.terminate();
  }
});

test('a WebSocket of a user without read gets 403', async () => {
  await server.client(ADA).get('/api/create_user?name=blind&password=p');
  const refusal = await refusalOf(open({}, { name: 'blind', password: 'p' }));
  assert.equal(refusal.status, 403);
  assert.match(refusal.body, /HTTP_NO_READ/);
});

test('an upgrade of another address is a plain request, and /websockify without upgrade gets 426', async () => {
  assert.equal((await refusalOf(open({}, EVE, '/elsewhere'))).status, 404);
  assert.equal((await refusalOf(open({}, ADA, '/api/get_users'))).status, 200);
  const plain = await server.client(EVE).get('/websockify');
  assert.equal(plain.status, 426);
  assert.equal(plain.headers.upgrade, 'websocket');
});

const HANDSHAKE = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

test('a malformed handshake gets a refusal with the headers of every answer, and a line in the audit trail', async () => {
  for (const [expected, code, request] of [
    [400, 'HTTP_BAD_REQUEST', { headers: { ...HANDSHAKE, 'sec-websocket-key': 'short' } }],
    [400, 'HTTP_BAD_REQUEST', { headers: { ...HANDSHAKE, 'sec-websocket-version': '12' } }],
    [400, 'HTTP_BAD_REQUEST', { headers: { ...HANDSHAKE, 'sec-websocket-protocol': 'binary,,' } }],
    [405, 'HTTP_METHOD', { headers: HANDSHAKE, method: 'POST' }],
  ] as const) {
    const { status, headers, text } = await server.client(EVE).send('/websockify', request);
    assert.equal(status, expected, text());
    assert.equal(JSON.parse(text()).code, code);
    if (expected === 400) assert.equal(headers['sec-websocket-version'], '13, 8');
    for (const [name, value] of Object.entries(ANSWER_HEADERS))
      assert.equal(headers[name.toLowerCase()], value, name);
    await waitFor(`the line ${code} of the audit trail`, () =>
      server.audited.some(
        (entry) => entry.door === 'websocket' && entry.code === code && entry.claims === 'eve',
      ),
    );
  }
});

test('a connection is listed under the address that a trusted proxy forwards', async () => {
  const socket = open({ 'x-forwarded-for': '203.0.113.9' }, ADA);
  await once(socket, 'message');
  socket.send('RFB 003.008\n', { binary: true });
  await waitFor('the connection', async () => {
    const stats = (await server.client(ADA).get('/api/get_bottleneck_stats')).json();
    return Object.keys(stats.ada ?? {}).some((id) => id.startsWith('203.0.113.9_'));
  }).finally(() => socket.terminate());
});

test('text messages and messages beyond the limit end the connection with their close code', async () => {
  const text = open({}, EVE);
  await once(text, 'message');
  text.send('RFB 003.008\n');
  assert.equal((await once(text, 'close'))[0], 1003);
  const huge = open({}, EVE);
  await once(huge, 'message');
  huge.on('error', () => {});
  huge.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
  assert.ok([1009, 1006].includes((await once(huge, 'close'))[0]));
});

test('a viewer that may not write is held to shorter messages', async () => {
  const VIV: Login = { name: 'viv', password: 'viv-secret' };
  await server.client(ADA).get('/api/create_user?name=viv&password=viv-secret&read=true');
  const longest = await server.viewer(VIV);
  longest.send({ type: 'extendedClipboard', flags: CLIPBOARD_CAPS, data: new Uint8Array(1_000_000) });
  longest.send({ type: 'requestBottleneckStats' });
  await longest.waitForMessage('bottleneckStats');
  longest.destroy();
  const huge = open({}, VIV);
  await once(huge, 'message');
  huge.on('error', () => {});
  huge.send(Buffer.alloc(MAX_READER_MESSAGE_BYTES + 1));
  assert.ok([1009, 1006].includes((await once(huge, 'close'))[0]));
});

test('a viewer that loses write in the middle of a message is cut off if that is long already', async () => {
  const DAN: Login = { name: 'dan', password: 'dan-secret' };
  const ada = server.client(ADA);
  await ada.get('/api/create_user?name=dan&password=dan-secret&write=true');
  const [long, short] = [open({}, DAN), open({}, DAN)];
  await Promise.all([once(long, 'message'), once(short, 'message')]);
  const closed = once(long, 'close');
  long.on('error', () => {});
  // The handshake, and the beginning of a text of 8 MiB.
  const begun = Buffer.from('RFB 003.008\n\x01\x01\x06\0\0\0\0\x80\0\0', 'latin1');
  for (const [socket, bytes] of [
    [long, MAX_READER_MESSAGE_BYTES + 100_000],
    [short, 100_000],
  ] as const)
    socket.send(Buffer.concat([begun, Buffer.alloc(bytes)]), { binary: true, fin: false });
  assert.equal((await ada.get('/api/update_user?name=dan&write=false&read=true')).status, 200);
  assert.equal((await closed)[0], 1009);
  const pong = once(short, 'pong');
  short.ping();
  await pong;
  short.terminate();
});

test('a message in too many parts, or a part in too many reads, ends the connection', async () => {
  const parts = open({}, ADA);
  await once(parts, 'message');
  for (let i = 0; i < 4097; i++) parts.send(Buffer.alloc(0), { binary: true, fin: false });
  assert.equal((await once(parts, 'close'))[0], 1008);

  const REX: Login = { name: 'rex', password: 'rex-secret' };
  await server.client(ADA).get('/api/create_user?name=rex&password=rex-secret&read=true');
  const reads = open({}, REX);
  const upgraded = once(reads, 'upgrade');
  await once(reads, 'message');
  const [{ socket }] = await upgraded;
  // The header of a part of 65,535 bytes, then each byte in a TLS record of its own.
  socket.write(Uint8Array.of(0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0));
  const closed = once(reads, 'close');
  for (let i = 0; i < 2100; i++) await new Promise((done) => socket.write(Uint8Array.of(0), done));
  assert.equal((await closed)[0], 1008);
});

test('the longest messages of RFB may each come in one WebSocket message', async () => {
  const room = MAX_CLIENT_MESSAGE_BYTES - 100;
  const longest: readonly ClientMessage[] = [
    { type: 'extendedClipboard', flags: CLIPBOARD_CAPS, data: new Uint8Array(room) },
    { type: 'binaryClipboard', items: [{ mime: 'image/png', data: new Uint8Array(room) }] },
  ];
  for (const message of longest) {
    const viewer = await server.viewer(EVE);
    viewer.send(message);
    viewer.send({ type: 'requestBottleneckStats' });
    await viewer.waitForMessage('bottleneckStats');
    viewer.destroy();
  }
});
