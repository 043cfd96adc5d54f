import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, defineCall, done } from '../../src/api/contract/call.ts';
import { Type } from '../../src/api/contract/schema.ts';
import { clientText, shapeOf } from './client-text.ts';

const common = { scope: 'users', changes: true, summary: 'Change a thing', handle: done } as const;
const NOTHING = Type.Object({});
const place = Type.Object({ id: Type.String() });

const PUT = defineCall({
  ...common,
  method: 'PUT',
  path: '/things/{id}',
  description: 'At once. */ is no end',
  place,
  parameters: Type.Object({
    mode: Type.Enum(['a', 'b'] as const, { default: 'a', description: 'How' }),
    'odd-name': Type.Integer(),
  }),
  content: { types: ['image/png'], maxBytes: 9 },
  limitMs: 77,
  answers: DONE,
});
const LIST = defineCall({
  ...common,
  method: 'POST',
  path: '/things',
  parameters: NOTHING,
  body: Type.Array(Type.Object({ user: Type.String(), read: Type.Optional(Type.Boolean()) })),
  answers: {
    200: {
      description: 'All',
      content: {
        'application/json': Type.Record(
          Type.String(),
          Type.Array(Type.Union([Type.Number(), Type.Null()]), { minItems: 2, maxItems: 2 }),
        ),
      },
    },
    204: { description: 'None' },
  },
});
const EVENTS = defineCall({
  ...common,
  changes: false,
  method: 'GET',
  path: '/events',
  parameters: NOTHING,
  answers: { 200: { description: 'Events', content: { 'text/event-stream': Type.String() } } },
});

const text = clientText('1.2.3', [PUT, LIST, EVENTS], ['A_CODE', 'B_CODE']);

test('a method of the client library has the comment and the types of its call', () => {
  for (const part of [
    'putThings(input: PutThingsInput, options?: CallOptions): Promise<void>;',
    '   * At once. *\\/ is no end',
    '`PUT /api/things/{id}`, scope `users`.',
    '  /** How. Default: `a`. */\n  readonly mode?: "a" | "b";\n  readonly "odd-name": number;\n} & { readonly content:',
    'thingsBulk(input: ThingsBulkInput, options?: CallOptions): Promise<ThingsBulkAnswer | undefined>;',
    'ThingsBulkInput = readonly {\n  readonly user: string;\n  readonly read?: boolean;\n}[];',
    'ThingsBulkAnswer = { readonly [name: string]: readonly [number | null, number | null] };',
    'events(options?: EventOptions): AsyncGenerator<ReceivedEvent, void, undefined>;',
    "  | 'A_CODE'\n  | 'B_CODE';",
  ])
    assert.ok(text.includes(part), `${part}\n\n${text}`);
});

test('the client library knows where a call goes, what it takes and gives, and how long it may take', () => {
  assert.deepEqual(shapeOf(PUT), {
    ...{ method: 'PUT', path: 'api/things/{id}', takes: 'content', types: ['text/plain'], gives: 'nothing' },
    ...{ changes: true, limitMs: 77 },
  });
  assert.equal(shapeOf(LIST).takes, 'list');
  const { takes, gives, limitMs } = shapeOf(EVENTS);
  assert.deepEqual([takes, gives, limitMs], [undefined, 'events', 30_000]);
});

test('a call that has the same name in its path and its parameters stops the build', () => {
  const twice = { ...PUT, parameters: place };
  assert.throws(() => clientText('1', [twice], []), /has id in two places/);
});

test('a schema for which no type is known stops the build', () => {
  const odd = { ...LIST, body: Type.Array(Type.Object({ odd: { type: 'date' } as never })) };
  assert.throws(() => clientText('1', [odd as never], []), /no type is known/);
});
