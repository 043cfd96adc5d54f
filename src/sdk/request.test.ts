import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallShape, outgoingCall } from './request.ts';

const shape = (takes: CallShape['takes'], path = 'api/call'): CallShape => {
  return { method: 'GET', path, types: [], changes: false, limitMs: 1, ...(takes && { takes }) };
};

test('what a call takes goes into the query, with every character as it was', () => {
  const given = { name: 'a&b=c +ü', write: true, width: 480, left: undefined };
  const { target, body } = outgoingCall(shape('query'), given);
  assert.equal(body, undefined);
  const { pathname, searchParams } = new URL(target, 'https://desk/base/');
  assert.equal(pathname, '/base/api/call');
  assert.deepEqual(Object.fromEntries(searchParams), { name: 'a&b=c +ü', write: 'true', width: '480' });
});

test('a placeholder is filled, and what remains is the query', () => {
  const call = shape('query', 'api/viewers/{id}');
  const id = '192.0.2.9_1772356327.120211::websocket/?#';
  assert.deepEqual(outgoingCall(call, { id, reason: 'over' }), {
    target: `api/viewers/${encodeURIComponent(id)}?reason=over`,
  });
  for (const given of [undefined, {}, { id: '' }, { id: 5 }])
    assert.throws(() => outgoingCall(call, given), { code: 'SDK_OPTIONS_INVALID', message: /"id"/ });
});

test('an object, a list and a content go into the body', () => {
  const type = 'application/json';
  assert.deepEqual(outgoingCall(shape('object'), { a: 1, b: undefined }), {
    ...{ target: 'api/call', type, body: '{"a":1}' },
  });
  assert.deepEqual(outgoingCall(shape('object'), undefined), { target: 'api/call', type, body: '{}' });
  assert.deepEqual(outgoingCall(shape('list'), [{ user: 'x' }]), {
    ...{ target: 'api/call', type, body: '[{"user":"x"}]' },
  });
  const content = new Uint8Array([1, 2]);
  assert.deepEqual(outgoingCall(shape('content'), { format: 'png', content }), {
    ...{ target: 'api/call?format=png', body: content },
  });
});

test('a call that takes nothing sends nothing', () => {
  assert.deepEqual(outgoingCall(shape(undefined), undefined), { target: 'api/call' });
});
