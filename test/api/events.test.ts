import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { EVENT_TYPES } from '../../src/events/event.ts';
import { EventReader } from '../support/event-reader.ts';
import { withSlack } from '../support/limits.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, BOB, ContractServer, EVE, type Login } from './contract-server.ts';

/** Time after a change in which a stream ends whose reader may no longer read. */
const RIGHTS_LIMIT_MS = 100;

/** Servers that are stopped. With a race, half of the streams were cut off. */
const STOPS = 6;

let server: ContractServer;
const readers: EventReader[] = [];
before(async () => {
  server = await ContractServer.start();
});
after(() => server.close());
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function read(lastEventId?: string, user: Login = ADA, of = server): Promise<EventReader> {
  const reader = await EventReader.open({
    url: `${of.url}api/events`,
    ca: of.ca,
    user,
    ...(lastEventId !== undefined && { lastEventId }),
  });
  readers.push(reader);
  await reader.until('hello');
  return reader;
}

test('a stream of events tells that a viewer joined and left, by connection, user and address', async () => {
  const reader = await read();
  assert.equal(reader.headers['content-type'], 'text/event-stream');
  const viewer = await server.viewer(EVE);
  const { id, data } = await reader.until('viewer_joined');
  assert.deepEqual(data, {
    ...{ id, type: 'viewer_joined', at: data.at, connection: data.connection },
    ...{ user: 'eve', address: '127.0.0.1' },
  });
  assert.ok(Math.abs(Date.parse(data.at) - Date.now()) < 60_000);
  const sessions = (await server.client(ADA).get('/api/get_bottleneck_stats')).json();
  assert.deepEqual(Object.keys(sessions.eve), [data.connection]);
  await viewer.close();
  assert.equal((await reader.until('viewer_left')).data.connection, data.connection);
});

test('a stream of events tells which users were added, changed and removed, without passwords', async () => {
  const reader = await read();
  const ada = server.client(ADA);
  await ada.get('/api/create_user?name=fred&password=freds-secret&write=true');
  await ada.get('/api/update_user?name=fred&write=false');
  await ada.get('/api/update_user?name=fred&password=freds-new-one');
  await ada.get('/api/remove_user?name=fred');
  await waitFor('four events', () => reader.types.filter((type) => type === 'user_changed').length === 4);
  const changes = reader.events
    .filter(({ type }) => type === 'user_changed')
    .map(({ data: { user, change, read, write, password_changed } }) => {
      return [user, change, read, write, password_changed];
    });
  assert.deepEqual(changes, [
    ['fred', 'added', true, true, true],
    ['fred', 'changed', true, false, false],
    ['fred', 'changed', true, false, true],
    ['fred', 'removed', false, false, false],
  ]);
  assert.ok(!JSON.stringify(reader.events).includes('freds-'));
});

test('a stream of events tells that the screen changes and settles, also without a viewer', async () => {
  const reader = await read();
  let colour = 0;
  const place = { x: 0, y: 0, width: 200, height: 100 };
  // A change of an earlier test may have been told less than a second ago.
  await waitFor('a change', () => {
    colour += 0x010203;
    server.desktop.paint(place, colour);
    return reader.types.includes('screen_changed');
  });
  await waitFor('a settled screen', () => reader.types.at(-1) === 'screen_settled');
  const from = reader.events.length;
  server.desktop.paint(place, 0x00ff00);
  await reader.until('screen_settled', from);
  assert.deepEqual(reader.types.slice(from), ['screen_changed', 'screen_settled']);
});

test('a stream of events tells the forms of a copied text and who copied it, and never the text', async () => {
  const reader = await read();
  server.desktop.copyText('a secret text');
  const copied = await reader.until('clipboard_changed');
  assert.deepEqual(copied.data.formats, ['text/plain']);
  assert.equal(copied.data.connection, null);
  server.desktop.copyText('a marked text', 'marked');
  await server.client(ADA).get('/api/clear_clipboard');
  const cleared = await reader.until('clipboard_changed', reader.events.indexOf(copied) + 1);
  assert.deepEqual(cleared.data.formats, [], 'marked text is no change');
  assert.ok(!JSON.stringify(reader.events).includes('text"}'));
  assert.ok(!JSON.stringify(reader.events).includes('secret'));
});

test('a stream of events tells that the desktop is lost and back, and that it has another size', async () => {
  const reader = await read();
  server.desktop.lose();
  assert.equal((await reader.until('desktop_lost')).data.given_up, false);
  server.desktop.bringBack();
  await reader.until('desktop_back');
  await server.desktop.resize({ width: 300, height: 180 });
  const { width, height } = (await reader.until('resized')).data;
  assert.deepEqual({ width, height }, { width: 300, height: 180 });
});

test('a reader that connects again with the last id that it had misses nothing', async () => {
  const first = await read();
  const beginning = first.events[0]!.id;
  first.close();
  const viewer = await server.viewer(EVE);
  await viewer.close();
  // The screen may settle at any time.
  const ofViewers = ({ types }: EventReader): string[] => types.filter((type) => type.startsWith('viewer_'));
  const missedNothing = async (id: string, expected: readonly string[]): Promise<EventReader> => {
    const reader = await read(id);
    await waitFor('what happened meanwhile', () => ofViewers(reader).length >= expected.length);
    assert.deepEqual(ofViewers(reader), expected);
    return reader;
  };
  await waitFor('the viewer to be gone', async () => {
    const answer = await server.client(ADA).get('/api/get_sessions');
    return answer.json().users.length === 0;
  });
  const second = await missedNothing(beginning, ['viewer_joined', 'viewer_left']);
  const joined = second.events.find(({ type }) => type === 'viewer_joined')!;
  await missedNothing(joined.id, ['viewer_left']);
});

test('a reader whose last id the server does not know is told that it has missed events', async () => {
  for (const id of ['0123456789ab-7', 'nonsense']) {
    const reader = await read(id);
    const { data } = await reader.until('missed');
    assert.equal(data.reason, 'restarted');
    assert.equal(data.count, null);
  }
  const headers = { 'last-event-id': 'x' };
  const answer = await server.client(ADA).send('/api/events?last_event_id=y', { method: 'HEAD', headers });
  assert.equal(answer.status, 200);
});

test('a stream of events ends within 100 ms when its reader is no longer an owner', async () => {
  const ada = server.client(ADA);
  for (const [index, change] of ['update_user?name=carl&owner=false', 'remove_user?name=carl'].entries()) {
    await ada.get(`/api/create_user?name=carl&password=carls-secret&owner=true`);
    if (index > 0) await ada.get('/api/update_user?name=carl&owner=true');
    const reader = await read(undefined, { name: 'carl', password: 'carls-secret' });
    assert.equal((await ada.get(`/api/${change}`)).status, 200);
    const hasEnded = (): boolean => reader.ending !== undefined;
    await waitFor('the end of the stream', hasEnded, withSlack(RIGHTS_LIMIT_MS));
    const { type, data } = reader.events.at(-1)!;
    assert.notEqual(`${type} ${data.user} ${data.change}`, 'user_changed carl removed');
  }
});

test('only owners read events', async () => {
  await assert.rejects(read(undefined, EVE), /status 403/);
});

test('a stream is in the audit trail when it begins', async () => {
  await read(undefined, BOB);
  await waitFor('its line', () =>
    server.audited.some(({ user, what, outcome }) => {
      return user === 'bob' && what === 'GET /api/events' && outcome === 'done';
    }),
  );
});

test('a server that stops ends its streams', async () => {
  // Where the end of a stream may be cut off, that depends on which turn of the event loop it falls into.
  for (let stop = 0; stop < STOPS; stop++) {
    const other = await ContractServer.start();
    const reader = await read(undefined, ADA, other);
    await other.close();
    const ending = await waitFor('the end of the stream', () => reader.ending);
    assert.equal(ending, 'ended', `stop ${stop}`);
  }
});

test('docs/events.md lists every type of event, and no others', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
  const [, table = ''] = page.split('| type | what happened | fields |');
  const rows = table.split('\n\n')[0]!.matchAll(/^\| `(\w+)` \|/gm);
  assert.deepEqual(
    [...rows].map(([, type]) => type),
    Object.keys(EVENT_TYPES),
  );
});
