import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Check } from 'typebox/schema';
import * as wire from '../../src/protocol/constants.ts';
import type { HttpsAnswer, HttpsClient } from '../support/https-client.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

interface MediaType {
  readonly schema?: object;
}
interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaType>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Problem: object } };
}

/** Requests that succeed, in this order. A placeholder has the id that `ids` has for the path. */
const REQUESTS: readonly (readonly [request: string, query?: string, body?: unknown])[] = [
  ['get /api/get_bottleneck_stats'],
  ['get /api/get_frame_stats', '?client=all'],
  ['get /api/get_frame_stats', '?client=none'],
  ['get /api/get_next_frame_stats', '?within_ms=1'],
  ['get /api/get_screenshot', '?format=png'],
  ['get /api/get_screenshot', '?format=webp'],
  ['get /api/get_screenshot', '?deduplicate=true'],
  ['get /api/get_screenshot', '?deduplicate=true'],
  ['get /api/create_user', '?name=fred&password=fred-secret'],
  ['post /api/create_user', '?overwrite=false', [{ user: 'gina', password: 'gina-secret' }]],
  ['get /api/update_user', '?name=fred&read=true'],
  ['post /api/update_user', '', [{ user: 'gina', read: true }]],
  ['get /api/get_users'],
  ['get /api/remove_user', '?name=fred'],
  ['post /api/remove_user', '', [{ user: 'gina' }]],
  ['get /api/get_login_blocks'],
  ['get /api/clear_login_blocks'],
  ['get /api/send_full_frame'],
  ['get /api/clear_clipboard'],
  ['get /api/clipboard'],
  ['put /api/clipboard', '', 'a text'],
  ['get /api/clipboard'],
  ['post /api/message', '', { text: 'A line', user: 'eve' }],
  ['post /api/resize', '', { width: 300, height: 200 }],
  ['post /api/tokens', '', { name: 'dashboard', scopes: ['stats'], expires_s: 60 }],
  ['get /api/tokens'],
  ['delete /api/tokens/{id}'],
  ['post /api/tickets', '', { guest: 'Anna' }],
  ['get /api/tickets'],
  ['delete /api/tickets/{id}'],
  ['get /api/events'],
  ['get /api/metrics'],
  ['get /api/get_sessions'],
  ['get /api/viewers'],
  ['delete /api/viewers/{id}'],
  ['get /api/downloads'],
  ['get /api/system/stats'],
  ['get /api/openapi.json'],
  ['get /api/docs'],
];

let server: ContractServer;
let ada: HttpsClient;
let document: Document;
/** By path: of the viewer of eve, and of the last token and ticket that were made. */
const ids = new Map<string, string>();
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
  document = (await ada.get('/api/openapi.json')).json();
  const viewer = await server.viewer(EVE, { encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_DESKWIRE] });
  await waitFor('a picture', () => viewer.framebuffer.pixelAt(8, 8) !== 0);
  ids.set('/api/viewers', (await ada.get('/api/viewers')).json().viewers[0].id);
});
after(() => server.close());

function checkAnswer(answer: HttpsAnswer, { responses }: Operation): void {
  const described = responses[answer.status];
  assert.ok(described !== undefined, `the API document lacks status ${answer.status}: ${answer.text()}`);
  const type = answer.headers['content-type']?.split(';')[0];
  if (described.content === undefined) {
    assert.deepEqual([answer.body.length, type], [0, undefined]);
    return;
  }
  const media = described.content[type ?? ''];
  assert.ok(media !== undefined, `the API document lacks the type ${type}`);
  if (type === 'application/json')
    assert.ok(
      Check(media.schema ?? {}, answer.json()),
      `${answer.text()} is not ${JSON.stringify(media.schema)}`,
    );
  // The client takes only the head of a stream.
  else assert.ok(answer.body.length > 0 || type === 'text/event-stream');
}

test('the API document is OpenAPI 3.1 by a standard validator', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate({ ...document });
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
  const { valid: isWrongValid } = await new Validator().validate({ ...document, paths: { wrong: {} } });
  assert.equal(isWrongValid, false);
});

test('each call of the API document is answered by a test below', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  assert.deepEqual(described.sort(), [...new Set(REQUESTS.map(([request]) => request))].sort());
});

for (const [request, query = '', body] of REQUESTS) {
  test(`${request}${query} answers by its schema in the API document`, async () => {
    const [method = '', path = ''] = request.split(' ');
    const operation = document.paths[path]?.[method];
    assert.ok(operation !== undefined, 'the API document has the call');
    const id = ids.get(path.replace('/{id}', '')) ?? '';
    const url = `${path.replace('{id}', encodeURIComponent(id))}${query}`;
    const answer = await ada.send(url, { method: method.toUpperCase(), body });
    assert.ok(answer.status < 300, answer.text());
    checkAnswer(answer, operation);
    if (request === 'post /api/tokens' || request === 'post /api/tickets') ids.set(path, answer.json().id);
  });
}

test('each refusal of each call is a problem by its schema in the API document', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [name, { responses }] of Object.entries(methods)) {
      const method = name.toUpperCase();
      const query = `${path}?wrong=1`;
      for (const [client, status] of [
        [server.client(), 401],
        [server.client(EVE), 403],
        [ada, 400],
      ] as const) {
        const answer = await client.send(query, { method });
        assert.equal(answer.status, status, `${method} ${path}`);
        assert.ok(responses[status] !== undefined, `${method} ${path} describes ${status}`);
        assert.equal(answer.headers['content-type'], 'application/problem+json');
        assert.ok(Check(document.components.schemas.Problem, answer.json()), answer.text());
      }
    }
  }
});
