import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ClipboardRules, OPEN_CLIPBOARD } from '../../src/config/clipboard-rules.ts';
import { MOST_CLIPBOARD_BYTES } from '../../src/config/clipboard-values.ts';
import { DesktopError } from '../../src/desktop/errors.ts';
import type { HttpsAnswer, HttpsClient } from '../support/https-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, BOB, ContractServer } from './contract-server.ts';

/** Begins as a PNG does. The server looks at no more. */
const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(500, 7),
]);

let server: ContractServer;
let ada: HttpsClient;
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
});
after(() => server.close());

const put = (client: HttpsClient, body: unknown, query = ''): Promise<HttpsAnswer> =>
  client.send(`/api/clipboard${query}`, { method: 'PUT', body });

const codeOf = (answer: HttpsAnswer): unknown => [answer.status, answer.json().code];

test('GET clipboard has what a program in the desktop copied, and 204 for a form that is not there', async () => {
  await ada.get('/api/clear_clipboard');
  for (const format of ['text', 'png']) {
    const none = await ada.get(`/api/clipboard?format=${format}`);
    assert.deepEqual([none.status, none.body.length], [204, 0], format);
  }
  server.desktop.copyText('grüß dich ☕');
  const text = await ada.get('/api/clipboard');
  assert.deepEqual([text.status, text.text()], [200, 'grüß dich ☕']);
  assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(text.headers['x-content-type-options'], 'nosniff');
  assert.equal((await ada.get('/api/clipboard?format=png')).status, 204);
  server.desktop.copyText('', 'copied');
  assert.equal((await ada.get('/api/clipboard?format=html')).json().code, 'API_PARAMETER_INVALID');
});

test('PUT clipboard sets what programs in the desktop can paste, as text and as PNG', async () => {
  assert.equal((await put(ada, 'eins\nzwei ☕')).text(), '200 OK');
  assert.equal(server.desktop.clipboardText, 'eins\nzwei ☕');
  assert.equal((await ada.get('/api/clipboard')).text(), 'eins\nzwei ☕');
  assert.equal((await put(ada, PNG, '?format=png')).status, 200);
  assert.deepEqual(Buffer.from(server.desktop.clipboard.get('png')!), PNG);
  assert.equal(server.desktop.clipboardText, undefined);
  const picture = await ada.get('/api/clipboard?format=png');
  assert.deepEqual([picture.headers['content-type'], picture.body], ['image/png', PNG]);
  assert.equal((await ada.get('/api/clipboard')).status, 204);
  server.desktop.copyText('newer');
  assert.equal((await ada.get('/api/clipboard')).text(), 'newer');
});

test('a content that is empty, no UTF-8 or no PNG is refused, and the clipboard stays', async () => {
  await put(ada, 'kept');
  for (const [body, query] of [
    [undefined, ''],
    ['', ''],
    [PNG, ''],
    [Buffer.from([0x61, 0xff]), '?format=text'],
    ['text', '?format=png'],
    [PNG.subarray(1), '?format=png'],
  ] as const)
    assert.deepEqual(codeOf(await put(ada, body, query)), [400, 'API_CONTENT_INVALID'], `${body}`);
  assert.equal(server.desktop.clipboardText, 'kept');
});

test('a content as large as any viewer may send arrives whole, and a larger one is refused', async () => {
  const large = 'x'.repeat(MOST_CLIPBOARD_BYTES);
  assert.equal((await put(ada, large)).status, 200);
  assert.equal(server.desktop.clipboard.get('text')?.length, MOST_CLIPBOARD_BYTES);
  assert.equal((await ada.get('/api/clipboard')).body.length, MOST_CLIPBOARD_BYTES);
  assert.deepEqual(codeOf(await put(ada, `${large}x`)), [400, 'HTTP_BODY_TOO_LARGE']);
  await put(ada, 'small');
});

test('an owner without the right to write has no clipboard', async () => {
  await ada.get('/api/create_user?name=cleo&password=cleo-secret&owner=true&read=true');
  const cleo = server.client({ name: 'cleo', password: 'cleo-secret' });
  assert.deepEqual(codeOf(await cleo.get('/api/clipboard')), [403, 'SESSION_NO_WRITE']);
  assert.deepEqual(codeOf(await put(cleo, 'from cleo')), [403, 'SESSION_NO_WRITE']);
  assert.notEqual(server.desktop.clipboardText, 'from cleo');
  await ada.get('/api/update_user?name=cleo&write=true');
  assert.equal((await put(cleo, 'from cleo')).status, 200);
  assert.equal((await cleo.get('/api/clipboard')).text(), 'from cleo');
  await ada.get('/api/update_user?name=cleo&write=false');
  assert.deepEqual(codeOf(await cleo.get('/api/clipboard')), [403, 'SESSION_NO_WRITE']);
  assert.equal((await cleo.get('/api/clear_clipboard')).status, 200);
});

/** What a call is answered under clipboard rules that refuse it. */
const REFUSED: Readonly<
  Record<string, { readonly rules: Partial<ClipboardRules>; readonly get?: string; readonly put?: string }>
> = {
  'nothing may leave the desktop': {
    rules: { toClient: { isEnabled: false, mostBytes: 100 } },
    get: 'SESSION_CLIPBOARD_OFF',
  },
  'nothing may come in': {
    rules: { toServer: { isEnabled: false, mostBytes: 100 } },
    put: 'SESSION_CLIPBOARD_OFF',
  },
  'ten bytes may leave': {
    rules: { toClient: { isEnabled: true, mostBytes: 10 } },
    get: 'SESSION_CLIPBOARD_SIZE',
  },
  'ten bytes may come in': {
    rules: { toServer: { isEnabled: true, mostBytes: 10 } },
    put: 'SESSION_CLIPBOARD_SIZE',
  },
};

for (const [what, { rules, get, put: putCode }] of Object.entries(REFUSED)) {
  test(`by clipboard settings, ${what}: a call is refused like a viewer, and the other direction works`, async () => {
    const limited = await ContractServer.start({ clipboard: { ...OPEN_CLIPBOARD, ...rules } });
    try {
      const bob = limited.client(BOB);
      limited.desktop.copyText('a long text of a program');
      const got = await bob.get('/api/clipboard');
      assert.equal(got.status === 200 ? undefined : got.json().code, get);
      const answer = await put(bob, 'a long text of a caller');
      assert.equal(answer.status === 200 ? undefined : answer.json().code, putCode);
      const isSet = putCode === undefined;
      assert.equal(limited.desktop.clipboardText === 'a long text of a caller', isSet);
      if (get ?? putCode)
        await waitFor('the line in the audit trail', () =>
          limited.audited.some(({ door, code }) => door === 'api' && code === (get ?? putCode)),
        );
    } finally {
      await limited.close();
    }
  });
}

test('by clipboard settings, a picture may not pass, and uses of one user must be a minute apart', async () => {
  const clipboard: ClipboardRules = { ...OPEN_CLIPBOARD, formats: ['text'], delayMs: 60_000 };
  const limited = await ContractServer.start({ clipboard });
  try {
    const [owner, bob] = [limited.client(ADA), limited.client(BOB)];
    assert.deepEqual(codeOf(await put(owner, PNG, '?format=png')), [403, 'SESSION_CLIPBOARD_TYPE']);
    assert.equal((await put(owner, 'first')).status, 200);
    const soon = await put(owner, 'second');
    assert.deepEqual(codeOf(soon), [429, 'SESSION_CLIPBOARD_RATE']);
    assert.equal(soon.headers['retry-after'], '1');
    assert.deepEqual(codeOf(await owner.get('/api/clipboard')), [429, 'SESSION_CLIPBOARD_RATE']);
    assert.equal(limited.desktop.clipboardText, 'first');
    assert.equal((await bob.get('/api/clipboard')).text(), 'first', 'another user has another pace');
  } finally {
    await limited.close();
  }
});

test('PUT clipboard is answered 503 while the desktop does not take a content', async () => {
  const { desktop } = server;
  const setClipboard = desktop.setClipboard.bind(desktop);
  desktop.setClipboard = () => Promise.reject(new DesktopError('DESKTOP_LOST'));
  try {
    assert.deepEqual(codeOf(await put(ada, 'lost')), [503, 'DESKTOP_LOST']);
  } finally {
    desktop.setClipboard = setClipboard;
  }
  assert.equal((await put(ada, 'back')).status, 200);
  assert.equal(desktop.clipboardText, 'back');
});
