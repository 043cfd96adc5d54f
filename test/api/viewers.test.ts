import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import * as wire from '../../src/protocol/constants.ts';
import type { ServerMessage } from '../../src/protocol/server-message-reader.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { STANDARD_ENCODINGS, type Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { bearing, enter, makeTicket, makeToken } from './bearers.ts';
import { ADA, BOB, ContractServer, createReaders, EVE, LOOKER, type Login } from './contract-server.ts';

const OURS = [...STANDARD_ENCODINGS, wire.PSEUDO_DESKWIRE, wire.PSEUDO_DISCONNECT_NOTICE];
const KASM = [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP, wire.PSEUDO_DISCONNECT_NOTICE];

let server: ContractServer;
let ada: HttpsClient;
before(async () => {
  server = await ContractServer.start({ maxSize: { width: 640, height: 480 } });
  ada = server.client(ADA);
  await createReaders(server);
});
after(() => server.close());
beforeEach(async () => {
  for (const { id } of await listed()) await ada.send(pathOf(id), { method: 'DELETE' });
  await waitFor('no viewer', async () => (await listed()).length === 0);
});

const pathOf = (id: string): string => `/api/viewers/${encodeURIComponent(id)}`;

// biome-ignore lint/suspicious/noExplicitAny: the test asserts the content.
async function listed(): Promise<any[]> {
  const answer = await ada.get('/api/viewers');
  assert.equal(answer.status, 200);
  return answer.json().viewers;
}

/** The messages that a viewer gets from now on. */
function messagesOf(viewer: Viewer): ServerMessage[] {
  const messages: ServerMessage[] = [];
  viewer.on('message', (message) => messages.push(message));
  return messages;
}

const noticesOf = (messages: readonly ServerMessage[]): string[] =>
  messages.flatMap((message) => (message.type === 'notice' ? [message.text] : []));

async function say(body: unknown): Promise<number> {
  const answer = await ada.post('/api/message', body);
  assert.equal(answer.status, 200, answer.text());
  return answer.json().shown_to;
}

test('GET viewers lists each viewer with its user, its client, what it can be sent and how fast it is', async () => {
  const startMs = Date.now();
  const ours = await server.viewer(EVE, { encodings: [...OURS, wire.PSEUDO_WEBP, wire.ENCODING_ZSTD] });
  await server.viewer(LOOKER, { encodings: KASM });
  await server.viewer(EVE, { encodings: [wire.ENCODING_RAW] });
  // The frames of the last second count.
  let colour = 0;
  const [first, second, third] = await waitFor('the pictures and a round trip', async () => {
    server.desktop.paint({ x: 0, y: 0, width: 320, height: 200 }, ++colour);
    const all = await listed();
    return all.length === 3 && all.every(({ fps }) => fps > 0) && all[0].latency_ms !== null && all;
  });
  assert.match(first.id, /^127\.0\.0\.1_\d+\.\d{6}::websocket$/);
  const { id, connected_since: since, fps, bytes_per_second: bytes, latency_ms: latency, ...rest } = first;
  const sinceMs = Date.parse(`${since.replace(' ', 'T')}Z`);
  assert.ok(sinceMs > startMs - 1_000 && sinceMs <= Date.now(), since);
  assert.ok(fps > 0 && fps <= 60 && bytes > 0 && latency >= 0, JSON.stringify(first));
  assert.deepEqual(rest, {
    ...{ user: 'eve', address: '127.0.0.1', read: true, write: true, client: 'deskwire' },
    encodings: ['tight', 'jpeg', 'webp', 'zstd', 'copyrect'],
    ...{ width: 320, height: 200, video_mode: false },
    ...{ cpu: rest.cpu, cpu_average: rest.cpu_average },
    ...{ network: rest.network, network_average: rest.network_average },
  });
  assert.deepEqual([second.user, second.client, second.write], ['looker', 'kasmvnc', false]);
  assert.deepEqual([third.client, third.encodings, third.latency_ms], ['other', ['raw'], null]);
  const stats = (await ada.get('/api/get_bottleneck_stats')).json();
  assert.deepEqual(Object.keys(stats.eve), [id, third.id]);
  await ours.close();
});

test('Deskwire’s page is told whether its user may call as an owner, now and when that changes', async () => {
  const told = async (login: Login): Promise<() => boolean[]> => {
    const viewer = await server.viewer(login);
    const messages = messagesOf(viewer);
    viewer.send({ type: 'setEncodings', encodings: OURS });
    const owners = (): boolean[] =>
      messages.flatMap((message) => (message.type === 'rights' ? [message.owner] : []));
    await waitFor('the rights', () => owners().length > 0);
    return owners;
  };
  const bob = await told(BOB);
  assert.deepEqual(bob(), [true]);
  assert.deepEqual((await told(EVE))(), [false]);
  const all = await makeToken(server, { scopes: ['admin'] });
  assert.deepEqual((await told(bearing(all.token)))(), [true]);
  const some = await makeToken(server, { scopes: ['control', 'users'] });
  assert.deepEqual((await told(bearing(some.token)))(), [false]);
  const ticket = await makeTicket(server, { user: 'ada' });
  assert.deepEqual((await told(await enter(server, ticket.ticket)))(), [false]);
  await ada.get('/api/update_user?name=bob&owner=false');
  await waitFor('the change', () => bob().length > 1);
  await ada.get('/api/update_user?name=bob&owner=true');
  await waitFor('the change back', () => bob().length > 2);
  assert.deepEqual(bob(), [true, false, true]);
});

test('DELETE viewers ends one connection of a user, tells it why, and leaves the others', async () => {
  const [ended, other] = [
    await server.viewer(EVE, { encodings: OURS }),
    await server.viewer(EVE, { encodings: OURS }),
  ];
  const messages = messagesOf(ended);
  const [{ id }, { id: otherId }] = (await listed()) as [{ id: string }, { id: string }];
  const answer = await ada.send(`${pathOf(id)}?reason=Lunch+break%21`, { method: 'DELETE' });
  assert.deepEqual([answer.status, answer.text()], [200, '200 OK']);
  assert.equal(await ended.waitForClose(), '1000 Lunch break!');
  const notice = messages.find((message) => message.type === 'disconnect');
  assert.deepEqual(notice, { type: 'disconnect', graceful: true, reason: 'Lunch break!' });
  assert.deepEqual(
    (await listed()).map((viewer) => viewer.id),
    [otherId],
  );
  const again = await ada.send(pathOf(id), { method: 'DELETE' });
  assert.deepEqual([again.status, again.json().code], [400, 'SESSION_NO_SUCH_CLIENT']);
  await waitFor('the lines in the audit trail', () => {
    const has = (expected: object) =>
      server.audited.some((entry) => JSON.stringify({ ...entry, ...expected }) === JSON.stringify(entry));
    return (
      has({ door: 'api', outcome: 'done', user: 'ada', what: 'viewer ended', connection: id }) &&
      has({ door: 'api', outcome: 'done', user: 'ada', what: 'DELETE /api/viewers/:id' }) &&
      has({ door: 'api', outcome: 'refused', code: 'SESSION_NO_SUCH_CLIENT' })
    );
  });
  assert.ok(!server.auditText.includes('Lunch'));
  await other.roundTrip();
  assert.equal((await ada.send(pathOf(otherId), { method: 'DELETE' })).status, 200);
  assert.equal(await other.waitForClose(), '1000 An owner of this desktop has ended your connection.');
  const back = await server.viewer(EVE);
  assert.ok(back.closedReason === undefined, 'the user may connect again');
});

test('a reason that is empty, too long or more than one line is refused, and the viewer stays', async () => {
  const viewer = await server.viewer(EVE);
  const [{ id }] = (await listed()) as [{ id: string }];
  for (const reason of ['', 'x'.repeat(201), 'one%0Atwo', 'tab%09', '%E2%80%A8']) {
    const answer = await ada.send(`${pathOf(id)}?reason=${reason}`, { method: 'DELETE' });
    assert.deepEqual([answer.status, answer.json().code], [400, 'API_TEXT_INVALID'], reason);
  }
  await viewer.roundTrip();
  assert.equal((await ada.send(`${pathOf(id)}?reason=${'x'.repeat(200)}`, { method: 'DELETE' })).status, 200);
  assert.match(await viewer.waitForClose(), /^1000 x+/);
});

test('paths with a placeholder are 405 with Allow for other methods, and 404 with another number of parts', async () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'OPTIONS']) {
    const answer = await ada.send('/api/viewers/x', { method });
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'DELETE'], method);
  }
  for (const path of ['/api/viewers/', '/api/viewers/x/y', '/api/viewer/x'])
    assert.equal((await ada.send(path, { method: 'DELETE' })).status, 404, path);
});

test('POST message shows a line to Deskwire’s pages, to all or to those that it names', async () => {
  const viewers = [
    await server.viewer(EVE, { encodings: OURS }),
    await server.viewer(ADA, { encodings: OURS }),
    await server.viewer(EVE, { encodings: KASM }),
    await server.viewer(LOOKER, { encodings: STANDARD_ENCODINGS }),
  ];
  const messages = viewers.map(messagesOf);
  const [eve, owner, kasm] = (await listed()).map(({ id }) => id);
  assert.equal(await say({ text: 'To all: 10 minutes – ☕' }), 2);
  assert.equal(await say({ text: 'To eve', user: 'eve' }), 1);
  assert.equal(await say({ text: 'To two', viewers: [owner, eve, owner] }), 2);
  assert.equal(await say({ text: 'To a page of KasmVNC', viewers: [kasm] }), 0);
  assert.equal(await say({ text: 'To nobody', user: 'nobody' }), 0);
  await waitFor('the lines', () => noticesOf(messages[0]!).length === 3);
  for (const viewer of viewers) await viewer.roundTrip();
  assert.deepEqual(messages.map(noticesOf), [
    ['To all: 10 minutes – ☕', 'To eve', 'To two'],
    ['To all: 10 minutes – ☕', 'To two'],
    [],
    [],
  ]);
});

test('a message that is no line of 1 to 500 characters, or for an unknown viewer, is refused and shown to no one', async () => {
  const viewer = await server.viewer(EVE, { encodings: OURS });
  const messages = messagesOf(viewer);
  const [{ id }] = (await listed()) as [{ id: string }];
  for (const [body, code] of [
    [{ text: 'one\ntwo' }, 'API_TEXT_INVALID'],
    [{ text: 'bell\u0007' }, 'API_TEXT_INVALID'],
    ['{"text":"\\ud800"}', 'API_TEXT_INVALID'],
    [{ text: '' }, 'API_FIELD_INVALID'],
    [{ text: 'x'.repeat(501) }, 'API_FIELD_INVALID'],
    [{ text: 'x', viewers: [] }, 'API_FIELD_INVALID'],
    [{ text: 'x', viewers: Array(101).fill(id) }, 'API_FIELD_INVALID'],
    [{ text: 'x', viewers: [id, 'nobody'] }, 'SESSION_NO_SUCH_CLIENT'],
    [{ text: 'x', to: 'eve' }, 'API_FIELD_UNKNOWN'],
    [{}, 'API_FIELD_MISSING'],
    ['text', 'API_BODY_NOT_JSON'],
  ] as const) {
    const answer = await ada.post('/api/message', body);
    assert.deepEqual([answer.status, answer.json().code], [400, code], JSON.stringify(body));
  }
  assert.equal(await say({ text: 'x'.repeat(500), viewers: Array(100).fill(id) }), 1);
  await waitFor('the line', () => noticesOf(messages).length > 0);
  await viewer.roundTrip();
  assert.equal(noticesOf(messages).length, 1);
});

test('a page of another site can neither end a viewer nor use the other calls that change something', async () => {
  const viewer = await server.viewer(EVE, { encodings: OURS });
  const messages = messagesOf(viewer);
  const [{ id }] = (await listed()) as [{ id: string }];
  const resized = server.desktop.screenSize;
  for (const [method, path, body] of [
    ['DELETE', pathOf(id), undefined],
    ['POST', '/api/message', { text: 'from elsewhere' }],
    ['POST', '/api/resize', { width: 100, height: 100 }],
    ['PUT', '/api/clipboard', 'from elsewhere'],
  ] as const) {
    const answer = await ada.send(path, { method, body, headers: { origin: 'https://evil.example' } });
    assert.deepEqual([answer.status, answer.json().code], [403, 'HTTP_FOREIGN_PAGE'], `${method} ${path}`);
  }
  await viewer.roundTrip();
  assert.deepEqual(noticesOf(messages), []);
  assert.deepEqual(server.desktop.screenSize, resized);
  assert.notEqual(server.desktop.clipboardText, 'from elsewhere');
});

test('POST resize changes the size of the desktop, with and without viewers, and says which one it has', async () => {
  const resize = async (body: object) => {
    const answer = await ada.post('/api/resize', body);
    assert.equal(answer.status, 200, answer.text());
    return answer.json();
  };
  assert.deepEqual(await resize({ width: 400, height: 240 }), { width: 400, height: 240 });
  const viewer = await server.viewer(LOOKER);
  await waitFor('the size', () => viewer.framebuffer.size.width === 400);
  assert.deepEqual(await resize({ width: 300, height: 220, scale_percent: 200 }), {
    width: 300,
    height: 220,
  });
  await waitFor(
    'the new size',
    () => viewer.framebuffer.size.width === 300 && viewer.framebuffer.size.height === 220,
  );
  assert.deepEqual([(await listed())[0].width, (await listed())[0].height], [300, 220]);
  assert.deepEqual(await resize({ width: 1, height: 1 }), { width: 64, height: 64 });
  assert.deepEqual(await resize({ width: 320, height: 200 }), { width: 320, height: 200 });
  assert.deepEqual(await resize({ width: 320, height: 200 }), { width: 320, height: 200 });
  for (const body of [
    { width: 0, height: 9 },
    { width: 9 },
    { width: '300', height: 9 },
    { width: 9, height: 65_536 },
    { width: 300, height: 200, scale_percent: 10 },
  ])
    assert.equal((await ada.post('/api/resize', body)).status, 400, JSON.stringify(body));
});
