import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Check } from 'typebox/schema';
import * as wire from '../../src/protocol/constants.ts';
import { ADA, ContractServer, EVE } from '../api/contract-server.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { BuiltSdk, type Client } from './built-sdk.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly content?: Readonly<Record<string, { readonly schema: object }>>;
      }
    >
  >;
}

/** What later calls need of earlier ones. */
const made = { viewer: '', token: '', ticket: '' };

/** Each method with what it is given, in an order in which all succeed. */
const CALLS: readonly (readonly [method: string, call: (desk: Client) => unknown])[] = [
  ['getBottleneckStats', (desk) => desk.getBottleneckStats()],
  ['getFrameStats', (desk) => desk.getFrameStats({ client: 'none' })],
  ['getNextFrameStats', (desk) => desk.getNextFrameStats({ within_ms: 1 })],
  ['getScreenshot', (desk) => desk.getScreenshot({ format: 'webp', width: 100 })],
  ['createUser', (desk) => desk.createUser({ name: 'fred + &', password: 'freds-secret', write: true })],
  ['updateUser', (desk) => desk.updateUser({ name: 'fred + &', write: false })],
  ['removeUser', (desk) => desk.removeUser({ name: 'fred + &' })],
  ['createUserBulk', (desk) => desk.createUserBulk([{ user: 'gina', password: 'ginas-secret' }])],
  ['updateUserBulk', (desk) => desk.updateUserBulk([{ user: 'gina', read: true }])],
  ['removeUserBulk', (desk) => desk.removeUserBulk([{ user: 'gina' }])],
  ['getUsers', (desk) => desk.getUsers()],
  ['getLoginBlocks', (desk) => desk.getLoginBlocks()],
  ['clearLoginBlocks', (desk) => desk.clearLoginBlocks()],
  ['postTokens', (desk) => desk.postTokens({ name: 'dashboard', scopes: ['stats'], expires_s: 60 })],
  ['tokens', (desk) => desk.tokens()],
  ['deleteTokens', (desk) => desk.deleteTokens({ id: made.token })],
  ['postTickets', (desk) => desk.postTickets({ guest: 'Anna', write: true })],
  ['tickets', (desk) => desk.tickets()],
  ['deleteTickets', (desk) => desk.deleteTickets({ id: made.ticket })],
  ['sendFullFrame', (desk) => desk.sendFullFrame()],
  ['putClipboard', (desk) => desk.putClipboard({ content: 'ein Text' })],
  ['clipboard', (desk) => desk.clipboard()],
  ['clearClipboard', (desk) => desk.clearClipboard()],
  ['postResize', (desk) => desk.postResize({ width: 300, height: 200 })],
  ['postMessage', (desk) => desk.postMessage({ text: 'A line', user: 'eve' })],
  ['getSessions', (desk) => desk.getSessions()],
  ['viewers', (desk) => desk.viewers()],
  ['deleteViewers', (desk) => desk.deleteViewers({ id: made.viewer, reason: 'The lesson is over.' })],
  ['downloads', (desk) => desk.downloads({ path: 'a & b' })],
  ['systemStats', (desk) => desk.systemStats()],
  ['events', (desk) => firstOf(desk.events())],
  ['metrics', (desk) => desk.metrics()],
  ['openapiJson', (desk) => desk.openapiJson()],
  ['docs', (desk) => desk.docs()],
];

let server: ContractServer;
let sdk: BuiltSdk;
let desk: Client;
let operations: Readonly<Record<string, Operation>>;
before(async () => {
  [server, sdk] = await Promise.all([ContractServer.start(), BuiltSdk.build()]);
  mkdirSync(join(server.folder, 'Downloads/a & b'), { recursive: true });
  const { url, ca } = server;
  desk = sdk.connect({ url, user: ADA.name, password: ADA.password, fetch: sdk.nodeFetch({ ca }) });
  const document = (await server.client(ADA).get('/api/openapi.json')).json();
  const all = Object.values<Record<string, Operation>>(document.paths).flatMap((path) => Object.values(path));
  operations = Object.fromEntries(all.map((operation) => [operation.operationId, operation]));
  const viewer = await server.viewer(EVE, { encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_DESKWIRE] });
  await waitFor('a picture', () => viewer.framebuffer.pixelAt(8, 8) !== 0);
});
after(async () => {
  await server?.close();
  sdk?.remove();
});

async function firstOf(events: AsyncIterable<unknown>): Promise<unknown> {
  for await (const event of events) return event;
  return undefined;
}

/** Checks what a method answered against the API document. */
function checkResult({ responses }: Operation, result: unknown): void {
  // Nothing is drawn while the next frame is waited for.
  if (result === undefined && responses[204] !== undefined) return;
  const { description, content = {} } = responses[200]!;
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(content);
  if (type === 'application/json') assert.ok(Check(schema, result), JSON.stringify(result));
  else if (type === 'text/event-stream') assert.equal((result as { type: string }).type, 'hello');
  else if (description === '`200 OK`') assert.equal(result, undefined);
  else if (type.startsWith('image/')) assert.ok(result instanceof Uint8Array && result.length > 0);
  else assert.ok(typeof result === 'string' && result.length > 0);
}

for (const [method, call] of CALLS) {
  test(`the client library's ${method} answers by the schema in the API document`, async () => {
    const result = await call(desk);
    checkResult(operations[method]!, result);
    if (method === 'postTokens') made.token = (result as { id: string }).id;
    if (method === 'postTickets') made.ticket = (result as { id: string }).id;
    if (method === 'viewers') made.viewer = (result as { viewers: { id: string }[] }).viewers[0]!.id;
    if (method === 'clipboard') assert.equal(result, 'ein Text');
  });
}

test('the client library has a method for each call of the API document, and no other', () => {
  const methods = CALLS.map(([method]) => method).sort();
  assert.deepEqual(Object.keys(operations).sort(), methods);
  assert.deepEqual(Object.keys(desk).sort(), methods);
});

test('a picture that is the same as the last one is undefined with deduplicate', async () => {
  const input = { deduplicate: true, format: 'png' };
  const first = await desk.getScreenshot(input);
  assert.deepEqual([...first.subarray(1, 4)], [...Buffer.from('PNG')]);
  assert.equal(await desk.getScreenshot(input), undefined);
});

test('a picture can be put into the clipboard as bytes or as a Blob, and comes back as bytes', async () => {
  const png: Uint8Array<ArrayBuffer> = await desk.getScreenshot({ format: 'png' });
  for (const content of [png, new Blob([png])]) {
    await desk.putClipboard({ format: 'png', content });
    assert.deepEqual(await desk.clipboard({ format: 'png' }), png);
    await desk.clearClipboard();
    assert.equal(await desk.clipboard({ format: 'png' }), undefined);
  }
});

test('a token with the scope logs the client library in, and one without it is refused by code', async () => {
  const { token } = await desk.postTokens({ name: 'reader', scopes: ['stats'], expires_s: 60 });
  const { url, ca } = server;
  const reader = sdk.connect({ url, token, fetch: sdk.nodeFetch({ ca }) });
  assert.equal(typeof (await reader.getBottleneckStats()), 'object');
  await assert.rejects(reader.getUsers(), { code: 'HTTP_SCOPE_MISSING', status: 403 });
});
