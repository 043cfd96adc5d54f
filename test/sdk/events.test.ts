import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { DeskEvent } from '../../src/events/event.ts';
import { ADA, ContractServer, EVE, type Login } from '../api/contract-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { BuiltSdk, type Client } from './built-sdk.ts';
import { Relay } from './relay.ts';

/** Most bytes that a connection of loopback and its two ends hold. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;

let server: ContractServer;
let sdk: BuiltSdk;
let relay: Relay;
before(async () => {
  [server, sdk] = await Promise.all([ContractServer.start(), BuiltSdk.build()]);
});
after(async () => {
  await server?.close();
  sdk?.remove();
});
beforeEach(async () => {
  relay = await Relay.open(server.http.port);
});
afterEach(() => relay.close());

const connected = ({ name, password }: Login = ADA, url = relay.url): Client =>
  sdk.connect({ url, user: name, password, fetch: sdk.nodeFetch({ ca: server.ca }) });

const resized = (width: number): DeskEvent => ({ type: 'resized', width, height: 1 });

/** Takes events until the one with this width. */
async function takeUntil(events: AsyncGenerator<Client>, width: number): Promise<Client[]> {
  const taken: Client[] = [];
  while (taken.at(-1)?.width !== width) {
    const { done, value } = await events.next();
    assert.equal(done, false);
    taken.push(value);
  }
  return taken;
}

/** The widths of those that the test has published. The server has events of its own. */
const widthsOf = (events: readonly Client[]): unknown[] =>
  events.filter(({ type }) => type === 'resized').map(({ width }) => width);

/** Streams that the server has, as its metrics say. */
const readers = async (): Promise<unknown> =>
  /^deskwire_event_readers (\d+)$/m.exec((await server.client(ADA).get('/metrics')).text())?.[1];

test('a stream whose connection breaks goes on behind the last event, and misses and repeats none', async () => {
  const events = connected().events();
  assert.equal((await events.next()).value.type, 'hello');
  server.events.publish(resized(1));
  assert.deepEqual(widthsOf(await takeUntil(events, 1)), [1]);
  // These two are on their way when the connection breaks.
  server.events.publish(resized(2));
  server.events.publish(resized(3));
  relay.cut();
  server.events.publish(resized(4));
  const taken = takeUntil(events, 5);
  await waitFor('a new stream', async () => relay.connections === 2 && (await readers()) === '1');
  server.events.publish(resized(5));
  assert.deepEqual(widthsOf(await taken), [2, 3, 4, 5]);
  await events.return();
});

test('a stream can go on behind an event that another stream has read', async () => {
  const desk = connected();
  const first = desk.events();
  const { id } = (await first.next()).value;
  await first.return();
  server.events.publish(resized(6));
  const second = desk.events({ last_event_id: id });
  assert.deepEqual(widthsOf(await takeUntil(second, 6)), [6]);
  await second.return();
});

test('leaving the loop over events ends the connection', async () => {
  for await (const { type } of connected().events()) if (type === 'hello') break;
  await waitFor('no reader', async () => (await readers()) === '0');
});

test('a signal ends the wait for an event, with its reason, and the connection', async () => {
  const caller = new AbortController();
  const events = connected().events({}, { signal: caller.signal });
  await events.next();
  const next = events.next();
  const reason = new RangeError('enough');
  caller.abort(reason);
  await assert.rejects(next, (error) => error === reason);
  assert.deepEqual(await events.next(), { done: true, value: undefined });
  await waitFor('no reader', async () => (await readers()) === '0');
});

test('a stream that cannot begin says why at once', async () => {
  await assert.rejects(connected(EVE).events().next(), { code: 'HTTP_NOT_OWNER', status: 403 });
  relay.isDown = true;
  await assert.rejects(connected().events().next(), { code: 'SDK_UNREACHABLE' });
  assert.equal(relay.connections, 2);
});

test('a stream whose user is no longer an owner ends with the code of the refusal', async () => {
  const fred = { name: 'fred', password: 'freds-secret' };
  const desk = connected();
  await desk.createUser({ ...fred, owner: true });
  const events = connected(fred).events();
  await events.next();
  await desk.updateUser({ name: 'fred', owner: false });
  await assert.rejects(
    async () => {
      for (;;) await events.next();
    },
    { code: 'HTTP_NOT_OWNER' },
  );
  await desk.removeUser({ name: 'fred' });
});

test('a stream is not opened again without reconnects, and else as often as they say', async () => {
  for (const reconnects of [0, 1]) {
    const before = relay.connections;
    const events = connected().events({}, { reconnects });
    await events.next();
    relay.isDown = true;
    relay.cut();
    await assert.rejects(events.next(), { code: 'SDK_UNREACHABLE' });
    assert.equal(relay.connections - before, 1 + reconnects);
    relay.isDown = false;
  }
  assert.throws(() => connected().events({}, { reconnects: -1 }), { code: 'SDK_OPTIONS_INVALID' });
});

/** A server that answers events as `write` writes them. */
async function withStub(
  write: (response: ServerResponse) => void,
  work: (desk: Client) => Promise<void>,
): Promise<void> {
  const key = readFileSync(join(server.folder, 'key.pem'));
  const stub = createServer({ key, cert: server.ca }, (_request, response) => {
    response.on('error', () => undefined);
    write(response.writeHead(200, { 'content-type': 'text/event-stream' }));
  });
  await once(stub.listen(0, '127.0.0.1'), 'listening');
  try {
    await work(connected(ADA, `https://127.0.0.1:${(stub.address() as AddressInfo).port}/`));
  } finally {
    stub.closeAllConnections();
    stub.close();
  }
}

test('a caller that takes no events makes the server wait', async () => {
  const event = `data: {"id":"a-1","type":"hello"}\n\n`.repeat(2000);
  let sent: ServerResponse | undefined;
  const fill = (response: ServerResponse): void => {
    sent = response;
    const more = (): void => {
      while (response.write(event));
      response.once('drain', more);
    };
    more();
  };
  await withStub(fill, async (desk) => {
    const events = desk.events();
    await events.next();
    let before = -1;
    await waitFor('a server that waits', () => {
      const { bytesWritten } = sent!.socket!;
      const isStill = bytesWritten === before && sent!.writableNeedDrain;
      before = bytesWritten;
      return isStill;
    });
    assert.ok(before < MOST_HELD_BYTES, String(before));
    await events.return();
  });
});

test('a stream with what is no event, or an event without an end, is an error and is not opened again', async () => {
  for (const text of ['data: {}\n\n', 'data: null\n\n', 'data: {\n\n', `data: ${'x'.repeat(300_000)}`]) {
    let calls = 0;
    const write = (response: ServerResponse): void => {
      calls++;
      response.write(text);
    };
    await withStub(write, async (desk) => {
      await assert.rejects(desk.events().next(), { code: 'SDK_ANSWER_INVALID' });
      assert.equal(calls, 1);
    });
  }
});
