import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAnswer, readAnswer } from './answer.ts';
import type { CallShape } from './request.ts';

const shape = (...types: string[]): CallShape => {
  return { method: 'GET', path: 'api/call', types, changes: false, limitMs: 1 };
};
const JSON_CALL = shape('application/json');
const answer = (
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  type: string,
  status = 200,
  more: Record<string, string> = {},
): Response => new Response(body, { status, headers: { 'content-type': type, ...more } });

test('an answer is JSON, a text or bytes by its type, and 204 is nothing', async () => {
  assert.deepEqual(await readAnswer(answer('{"a":1}', 'application/json'), JSON_CALL), { a: 1 });
  assert.equal(await readAnswer(answer('ä', 'text/plain; charset=utf-8'), shape('text/plain')), 'ä');
  const bytes = await readAnswer(answer(new Uint8Array([7]), 'image/png'), shape('image/png'));
  assert.deepEqual(bytes, new Uint8Array([7]));
  const none = new Response(null, { status: 204 });
  await checkAnswer(none, JSON_CALL);
  assert.equal(await readAnswer(none, JSON_CALL), undefined);
});

test('what was made and what has begun are answers, too', async () => {
  for (const status of [201, 202]) {
    const made = answer('{"a":1}', 'application/json', status, { location: 'https://x/' });
    await checkAnswer(made, JSON_CALL);
    assert.deepEqual(await readAnswer(made, JSON_CALL), { a: 1 });
  }
});

test('a refusal becomes an error with its code, its detail, its entries and the time to wait', async () => {
  const entry = { index: 1, user: 'fred', code: 'ACCOUNTS_USER_EXISTS', detail: 'There is one.' };
  const problem = { code: 'API_ENTRIES_INVALID', detail: 'Several.', errors: [entry] };
  const refused = answer(JSON.stringify(problem), 'application/problem+json', 400, { 'retry-after': '3' });
  await assert.rejects(checkAnswer(refused, JSON_CALL), {
    ...{ name: 'DeskwireError', code: 'API_ENTRIES_INVALID', message: 'Several.', status: 400 },
    ...{ errors: [entry], retryAfterMs: 3000 },
  });
});

test('an answer that is none of the API’s is an error of its own, whatever its status', async () => {
  const invalid = (status: number) => ({ code: 'SDK_ANSWER_INVALID', status });
  await assert.rejects(checkAnswer(answer('<h1>Log in</h1>', 'text/html'), JSON_CALL), invalid(200));
  await assert.rejects(checkAnswer(new Response(new Uint8Array(0)), JSON_CALL), invalid(200));
  await assert.rejects(checkAnswer(answer('gone', 'text/html', 502), JSON_CALL), invalid(502));
  for (const body of ['null', '[]', '{"code":5}', '{'])
    await assert.rejects(checkAnswer(answer(body, 'application/problem+json', 400), JSON_CALL), invalid(400));
  await assert.rejects(readAnswer(answer('{"a":', 'application/json'), JSON_CALL), invalid(200));
});

/** A body without an end, and whether its reader has ended it. */
function endlessBody(): { readonly body: ReadableStream; readonly isCancelled: () => boolean } {
  const piece = new Uint8Array(1024 * 1024);
  let isCancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(piece),
    cancel: () => {
      isCancelled = true;
    },
  });
  return { body, isCancelled: () => isCancelled };
}

test('an answer or a refusal without an end is given up, and its connection ends', async () => {
  const picture = endlessBody();
  const wrong = { code: 'SDK_ANSWER_INVALID', message: /more than 67108864 bytes/ };
  await assert.rejects(readAnswer(answer(picture.body, 'image/png'), shape('image/png')), wrong);
  assert.ok(picture.isCancelled());
  const refusal = endlessBody();
  await assert.rejects(checkAnswer(answer(refusal.body, 'application/problem+json', 400), JSON_CALL), {
    message: /more than 4194304 bytes/,
  });
  assert.ok(refusal.isCancelled());
});
