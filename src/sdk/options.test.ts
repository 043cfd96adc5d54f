import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectOptions, serverOf } from './options.ts';

test('the address of a server keeps its base path and loses what follows it', () => {
  for (const [url, base] of [
    ['https://desk.example:8443', 'https://desk.example:8443/'],
    ['https://desk.example/desk', 'https://desk.example/desk/'],
    ['https://desk.example/desk//?quality=9#x', 'https://desk.example/desk/'],
    [new URL('http://127.0.0.1:80/'), 'http://127.0.0.1/'],
  ] as const)
    assert.equal(serverOf({ url }).base, base);
});

test('a name and a password, or a token, become the header of a login', () => {
  const url = 'https://desk.example/';
  assert.deepEqual(serverOf({ url }).headers, {});
  assert.deepEqual(serverOf({ url, user: 'ada', password: 'p:ä€' }).headers, {
    Authorization: `Basic ${Buffer.from('ada:p:ä€').toString('base64')}`,
  });
  assert.deepEqual(serverOf({ url, token: 'dwt_1' }).headers, { Authorization: 'Bearer dwt_1' });
});

test('options that cannot be used are refused, without the password or the token in the message', () => {
  const url = 'https://desk.example/';
  const wrong: ConnectOptions[] = [
    { url: 'desk.example' },
    { url: 'ftp://desk.example/' },
    { url: 'https://ada:hunter2@desk.example/' },
    { url, user: 'ada' },
    { url, password: 'hunter2' },
    { url, user: 'ada', password: 'hunter2', token: 'dwt_1' },
    { url, token: '' },
    { url, token: 'hunter2\n' },
    { url, retries: -1 },
    { url, retries: 1.5 },
  ];
  for (const options of wrong) {
    assert.throws(
      () => serverOf(options),
      (error: Error & { code?: string }) =>
        error.code === 'SDK_OPTIONS_INVALID' && !error.message.includes('hunter2'),
      JSON.stringify(options),
    );
  }
});
