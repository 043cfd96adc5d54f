import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type DescribedCall, DOCS_POLICY, docsPage } from './docs-page.ts';
import { Type } from './schema.ts';

const CALL: DescribedCall = {
  method: 'PUT',
  path: '/api/things/{id}',
  operationId: 'putThings',
  summary: 'Put a <thing>',
  description: 'With `code` & "quotes"',
  parameters: [
    { name: 'id', in: 'path', required: true, schema: Type.String({ minLength: 1, maxLength: 9 }) },
    { name: 'mode', in: 'query', required: false, schema: Type.Enum(['a', 'b'] as const, { default: 'a' }) },
  ],
  body: { 'application/json': Type.Object({ size: Type.Integer({ minimum: 1 }) }), 'image/png': undefined },
  answers: {
    200: {
      description: 'The things',
      content: {
        'application/json': Type.Object({
          list: Type.Array(Type.Object({ deep: Type.Union([Type.Number(), Type.Null()]) })),
          by: Type.Optional(Type.Record(Type.String(), Type.Object({ rate: Type.Number() }))),
        }),
      },
    },
    204: { description: 'Nothing' },
  },
};
const page = docsPage('1.2.3', [CALL]);

test('the page of the API has each call with its parameters, bodies, answers and nested fields', () => {
  for (const part of [
    'id="putThings"',
    'href="#putThings"',
    '<code>image/png</code>',
    'string 1–9',
    'one of <code>a</code>, <code>b</code>',
    'Default: <code>a</code>.',
    '<code>list[].deep</code></td><td>number or null',
    '<code>by{}.rate</code>',
    '204: Nothing',
  ])
    assert.ok(page.includes(part), part);
});

test('the page of the API escapes what descriptions say, apart from code in backquotes', () => {
  assert.ok(page.includes('Put a &lt;thing&gt;.'));
  assert.ok(page.includes('With <code>code</code> &amp; &quot;quotes&quot;'));
});

test('the page of the API loads and runs nothing, and its policy allows only its own style', () => {
  assert.doesNotMatch(page, /<script|<link|<img|https?:|\son\w+=|style="/);
  const [, style = ''] = /<style>(.*)<\/style>/s.exec(page)!;
  const hash = createHash('sha256').update(style).digest('base64');
  assert.ok(DOCS_POLICY.includes(`style-src 'sha256-${hash}'`));
  assert.match(DOCS_POLICY, /^default-src 'none'/);
});
