import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { inspect } from 'node:util';
import { ADA, ContractServer } from '../api/contract-server.ts';
import { stablePort } from '../support/stable-port.ts';
import { waitFor } from '../support/wait-for.ts';
import { BuiltSdk, type Client } from './built-sdk.ts';

let server: ContractServer;
let sdk: BuiltSdk;
let desk: Client;
/** Servers that answer otherwise than Deskwire. */
const stubs: Server[] = [];
before(async () => {
  [server, sdk] = await Promise.all([ContractServer.start(), BuiltSdk.build()]);
  const { url, ca } = server;
  desk = sdk.connect({ url, user: ADA.name, password: ADA.password, fetch: sdk.nodeFetch({ ca }) });
});
after(async () => {
  await server?.close();
  sdk?.remove();
});
afterEach(() => {
  for (const stub of stubs.splice(0)) {
    stub.closeAllConnections();
    stub.close();
  }
});

async function stubUrl(answer: RequestListener): Promise<string> {
  const stub = createServer(answer);
  stubs.push(stub);
  await once(stub.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(stub.address() as AddressInfo).port}/`;
}

const errorOf = (promise: Promise<unknown>): Promise<Client> =>
  promise.then(
    () => assert.fail('the call succeeded'),
    (error) => error,
  );

test('a refused call rejects with the code, the status and the detail of the server', async () => {
  const error = await errorOf(desk.createUser({ name: 'ada', password: 'a-new-secret' }));
  assert.deepEqual([error.name, error.code, error.status], ['DeskwireError', 'ACCOUNTS_USER_EXISTS', 400]);
  assert.match(error.message, /already/);
  assert.ok(error instanceof Error);
  assert.ok(sdk.hasCode(error, 'ACCOUNTS_NO_SUCH_USER', 'ACCOUNTS_USER_EXISTS'));
  assert.ok(!sdk.hasCode(error, 'ACCOUNTS_NO_SUCH_USER'));
  assert.ok(!sdk.hasCode(new Error('other'), 'ACCOUNTS_USER_EXISTS'));
});

test('a refused list rejects with the fault of each entry', async () => {
  const { code, errors } = await errorOf(
    desk.removeUserBulk([{ user: 'ada' }, { user: 'no1' }, { user: 'no2' }]),
  );
  assert.equal(code, 'ACCOUNTS_CHANGES_REFUSED');
  assert.deepEqual(
    errors.map(({ index, user, code }: Client) => [index, user, code]),
    [
      [1, 'no1', 'ACCOUNTS_NO_SUCH_USER'],
      [2, 'no2', 'ACCOUNTS_NO_SUCH_USER'],
    ],
  );
});

test('an unknown parameter is refused by the server, and named', async () => {
  await assert.rejects(desk.getScreenshot({ widht: 100 }), {
    code: 'API_PARAMETER_UNKNOWN',
    message: /widht/,
  });
});

test('a certificate that is not trusted is an error that says how to trust it', async () => {
  const strict = sdk.connect({ url: server.url, user: ADA.name, password: ADA.password });
  const error = await errorOf(strict.getUsers());
  assert.equal(error.code, 'SDK_UNREACHABLE');
  assert.match(error.message, /^GET \/api\/get_users: .*self-signed.*nodeFetch\(\{ ca \}\)/);
});

test('a server that does not run is an error without what was sent', async () => {
  const port = await stablePort();
  for (const [url, fetch] of [
    [`http://127.0.0.1:${port}/`, undefined],
    [`https://127.0.0.1:${port}/`, sdk.nodeFetch({})],
  ]) {
    const nowhere = sdk.connect({ url, user: 'ada', password: 'hunter2-hunter2', fetch });
    const error = await errorOf(nowhere.createUser({ name: 'fred', password: 'hunter3-hunter3' }));
    assert.equal(error.code, 'SDK_UNREACHABLE');
    assert.match(error.message, /ECONNREFUSED/);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter|aHVudGVy/);
  }
});

test('an answer that a proxy made is an error with its status', async () => {
  const url = await stubUrl((_request, response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
  });
  const behind = sdk.connect({ url });
  await assert.rejects(behind.getUsers(), { code: 'SDK_ANSWER_INVALID', status: 502 });
});

test('a redirection is not followed, so that no other server gets the password', async () => {
  let isAsked = false;
  const target = await stubUrl((_request, response) => {
    isAsked = true;
    response.end();
  });
  const url = await stubUrl((_request, response) => response.writeHead(307, { location: target }).end());
  const moved = sdk.connect({ url, user: 'ada', password: 'ada-secret' });
  await assert.rejects(moved.getUsers(), { code: 'SDK_UNREACHABLE' });
  assert.equal(isAsked, false);
});

test('a call that is not answered ends at its time limit and at its signal, and so does its connection', async () => {
  let open = 0;
  const url = await stubUrl((request) => {
    open++;
    request.socket.once('close', () => open--);
  });
  const silent = sdk.connect({ url });
  await assert.rejects(silent.getUsers({ timeoutMs: 50 }), { code: 'SDK_TIMED_OUT' });
  const caller = new AbortController();
  const reason = new RangeError('enough');
  const call = errorOf(silent.getUsers({ signal: caller.signal }));
  await waitFor('the call', () => open > 0);
  caller.abort(reason);
  assert.equal(await call, reason);
  await waitFor('the ends of the connections', () => open === 0);
});

test('an answer that stops in its middle ends at the time limit, and one that breaks off is an error', async () => {
  const url = await stubUrl((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('[');
    if (request.url?.includes('sessions')) setImmediate(() => response.destroy());
  });
  const slow = sdk.connect({ url });
  await assert.rejects(slow.getUsers({ timeoutMs: 100 }), { code: 'SDK_TIMED_OUT' });
  await assert.rejects(slow.getSessions(), { code: 'SDK_UNREACHABLE' });
});

/** A server that is busy for the first calls. Counts all calls. */
async function busyFor(refusals: number): Promise<{ readonly url: string; readonly calls: () => number }> {
  let calls = 0;
  const url = await stubUrl((_request, response) => {
    calls++;
    if (calls > refusals) response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
    else {
      response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '0' });
      response.end(JSON.stringify({ code: 'ACCOUNTS_BUSY', detail: 'Later.' }));
    }
  });
  return { url, calls: () => calls };
}

test('a call is not tried again unless the caller wants it', async () => {
  const busy = await busyFor(1);
  await assert.rejects(sdk.connect({ url: busy.url }).getUsers(), { code: 'ACCOUNTS_BUSY', status: 503 });
  assert.equal(busy.calls(), 1);
});

test('a call that changes nothing is tried as often as the caller wants, for one call or for all', async () => {
  for (const [options, callOptions] of [
    [{}, { retries: 2 }],
    [{ retries: 2 }, undefined],
  ]) {
    const busy = await busyFor(2);
    assert.deepEqual(await sdk.connect({ url: busy.url, ...options }).getUsers(callOptions), []);
    assert.equal(busy.calls(), 3);
  }
  const busy = await busyFor(9);
  await assert.rejects(sdk.connect({ url: busy.url, retries: 1 }).getUsers(), { code: 'ACCOUNTS_BUSY' });
  assert.equal(busy.calls(), 2);
});

test('a call that changes something, or that is refused for another reason, is never tried again', async () => {
  const busy = await busyFor(9);
  const eager = sdk.connect({ url: busy.url, retries: 5 });
  await assert.rejects(eager.removeUser({ name: 'fred' }), { code: 'ACCOUNTS_BUSY' });
  await assert.rejects(eager.postTickets({ guest: 'Anna' }), { code: 'ACCOUNTS_BUSY' });
  assert.equal(busy.calls(), 2);
  let calls = 0;
  const url = await stubUrl((_request, response) => {
    calls++;
    response.writeHead(403, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: 'HTTP_NOT_OWNER', detail: 'No.' }));
  });
  await assert.rejects(sdk.connect({ url, retries: 5 }).getUsers(), { code: 'HTTP_NOT_OWNER' });
  assert.equal(calls, 1);
});

test('the wait for a further try ends with the signal', async () => {
  const busy = await busyFor(9);
  const caller = new AbortController();
  const call = errorOf(sdk.connect({ url: busy.url }).getUsers({ retries: 99, signal: caller.signal }));
  await waitFor('the first try', () => busy.calls() === 1);
  const reason = new RangeError('enough');
  caller.abort(reason);
  assert.equal(await call, reason);
});

test('options of a call that cannot be used are refused before anything is sent', async () => {
  const busy = await busyFor(0);
  const any = sdk.connect({ url: busy.url });
  for (const options of [{ retries: -1 }, { retries: 0.5 }, { timeoutMs: 0 }, { timeoutMs: Number.NaN }])
    await assert.rejects(any.getUsers(options), { code: 'SDK_OPTIONS_INVALID' });
  await assert.rejects(any.deleteViewers({}), { code: 'SDK_OPTIONS_INVALID', message: /"id"/ });
  assert.throws(() => sdk.connect({ url: 'nowhere' }), { code: 'SDK_OPTIONS_INVALID' });
  assert.equal(busy.calls(), 0);
});
