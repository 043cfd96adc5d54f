import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formProblem } from './request-form.ts';

const problem = (headers: readonly (readonly [string, string])[], httpVersion = '1.1') =>
  formProblem({ rawHeaders: headers.flat(), httpVersion });

test('a request with one Host, without a body or chunked once, is served', () => {
  for (const host of ['desk', 'desk.example:8443', '127.0.0.1:8443', '[::1]:8443', '[fe80::1]', '']) {
    assert.equal(problem([['Host', host]]), undefined, host);
  }
  for (const coding of ['chunked', 'Chunked', ' chunked ']) {
    const headers = [['host', 'desk'] as const, ['transfer-encoding', coding] as const];
    assert.equal(problem(headers), undefined, coding);
  }
  assert.equal(problem([], '1.0'), undefined);
});

test('a request with no Host, two of them, or one that is no host gets 400, and its connection ends', () => {
  const cases = [
    [],
    [
      ['Host', 'desk'],
      ['HOST', 'desk'],
    ],
    [
      ['Host', 'desk'],
      ['host', 'evil'],
    ],
    ...['a, b', 'a,b', 'a b', 'a/b', 'user@desk', 'desk:http', '[::1', 'desk#'].map((host) => [
      ['Host', host],
    ]),
  ] as unknown as [string, string][][];
  for (const headers of cases) {
    const found = problem(headers);
    const what = JSON.stringify(headers);
    assert.deepEqual([found?.status, found?.code], [400, 'HTTP_BAD_REQUEST'], what);
    assert.equal(found?.headers.Connection, 'close', what);
  }
});

test('a transfer coding other than chunked gets 501, one in HTTP/1.0 gets 400, and the connection ends', () => {
  const lists = [
    ['chunked', 'chunked'],
    ['gzip', 'chunked'],
  ];
  const codings = [...lists, ['gzip, chunked'], ['chunked, chunked'], ['identity'], ['']];
  for (const values of codings) {
    const headers = values.map((value): [string, string] => ['Transfer-Encoding', value]);
    const found = problem([['Host', 'desk'], ...headers]);
    assert.deepEqual([found?.status, found?.code], [501, 'HTTP_TRANSFER_CODING'], values.join(' | '));
    assert.equal(found?.headers.Connection, 'close');
  }
  const old = problem(
    [
      ['Host', 'desk'],
      ['Transfer-Encoding', 'chunked'],
    ],
    '1.0',
  );
  assert.deepEqual([old?.status, old?.headers.Connection], [400, 'close']);
});
