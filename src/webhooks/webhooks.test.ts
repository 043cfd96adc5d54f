import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { waitFor } from '../../test/support/wait-for.ts';
import { EventLog } from '../events/event-log.ts';
import { createPoster } from './post.ts';
import { openWebhooks, type Webhooks, type WebhooksOptions } from './webhooks.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
const SECRET = 'a secret of the test';

interface Delivery {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const folder = mkdtempSync(join(tmpdir(), 'deskwire-webhooks-'));
const deliveries: Delivery[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text) => (body += text));
  request.on('end', () => {
    deliveries.push({ url: request.url!, headers: request.headers, body });
    if (request.url === '/hang') return;
    if (request.url === '/moved') response.writeHead(307, { Location: '/elsewhere' });
    response.end('x'.repeat(100));
  });
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

async function open(options: Partial<WebhooksOptions>): Promise<{ webhooks: Webhooks; events: EventLog }> {
  const events = new EventLog();
  const webhooks = await openWebhooks({
    ...{ webhook: [], webhookEvents: ['desktop_back'], webhookSecretFile: undefined, data: folder },
    ...{ events, log: pino({ level: 'silent' }) },
    ...options,
  });
  return { webhooks, events };
}

const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(PAGE)![1]!;

test('an event is delivered with a signature that the examples of docs/webhooks.md accept, and no other', async () => {
  const file = join(folder, 'secret');
  writeFileSync(file, `${SECRET}\n`);
  const { webhooks, events } = await open({ webhook: [`${url}/hook?key=1`], webhookSecretFile: file });
  events.publish({ type: 'desktop_back' });
  const { headers, body } = await waitFor('the delivery', () =>
    deliveries.find((one) => one.url === '/hook?key=1'),
  );
  assert.equal(JSON.parse(body).type, 'desktop_back');
  assert.equal(headers['deskwire-event-id'], JSON.parse(body).id);
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['user-agent']!, /^Deskwire\/\d/);

  const example = join(folder, 'example.mjs');
  writeFileSync(example, block('js'));
  const { isGenuine } = await import(example);
  const late = { ...headers, 'deskwire-timestamp': String(Number(headers['deskwire-timestamp']) - 400) };
  assert.equal(isGenuine(SECRET, headers, body), true);
  assert.equal(isGenuine('another secret', headers, body), false);
  assert.equal(isGenuine(SECRET, headers, `${body} `), false);
  assert.equal(isGenuine(SECRET, late, body), false);

  const script = `${block('python')}
import json, sys
secret, headers, body = json.load(sys.stdin)
lower = {name.lower(): value for name, value in headers.items()}
class Headers:
    def __getitem__(self, name): return lower[name.lower()]
print(is_genuine(secret, Headers(), body.encode()))`;
  const python = async (...facts: unknown[]): Promise<string> => {
    const running = promisify(execFile)('python3', ['-c', script]);
    running.child.stdin!.end(JSON.stringify(facts));
    return (await running).stdout.trim();
  };
  assert.equal(await python(SECRET, headers, body), 'True');
  assert.equal(await python(SECRET, headers, `${body} `), 'False');
  webhooks.close();
  events.close();
});

test('without a file for the secret one is made that only its owner may read, and used again', async () => {
  for (let round = 0; round < 2; round++) {
    const { webhooks, events } = await open({ webhook: [`${url}/made`] });
    events.publish({ type: 'desktop_back' });
    await waitFor('the delivery', () => deliveries.filter((one) => one.url === '/made').length > round);
    webhooks.close();
    events.close();
  }
  const file = join(folder, 'webhook-secret');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const secret = readFileSync(file, 'utf8').trim();
  assert.match(secret, /^[0-9a-f]{64}$/);
  const example = join(folder, 'again.mjs');
  writeFileSync(example, block('js'));
  const { isGenuine } = await import(example);
  for (const { headers, body } of deliveries.filter((one) => one.url === '/made'))
    assert.equal(isGenuine(secret, headers, body), true);
});

test('settings that cannot be used are refused with a reason', async () => {
  const short = join(folder, 'short');
  writeFileSync(short, 'short\n');
  for (const [options, words] of [
    [{ webhookSecretFile: short }, /16 characters/],
    [{ webhookSecretFile: join(folder, 'none') }, /cannot be read/],
    [{ webhookSecretFile: folder }, /no file/],
    [{ webhookEvents: ['viewer_flew'] }, /no event "viewer_flew".*viewer_joined/],
  ] as const) {
    await assert.rejects(open({ webhook: [`${url}/x`], ...options }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'CFG_WEBHOOK');
      assert.match(error.message, words);
      return true;
    });
  }
});

test('a redirect is not followed', async () => {
  const { webhooks, events } = await open({ webhook: [`${url}/moved`] });
  events.publish({ type: 'desktop_back' });
  await waitFor('the event to be given up', () => webhooks.states[0]!.counts.dropped === 1);
  assert.equal(webhooks.states[0]!.waiting, 0);
  assert.ok(deliveries.every((one) => one.url !== '/elsewhere'));
  webhooks.close();
  events.close();
});

test('a receiver that does not answer, or is not there, is no answer after a limit', async () => {
  const hanging = createPoster(`${url}/hang`, SECRET, 50);
  const signal = new AbortController().signal;
  assert.equal((await hanging.post('1', '{}', signal)).status, undefined);
  hanging.close();
  const absent = createPoster('http://127.0.0.1:1/', SECRET);
  assert.ok((await absent.post('1', '{}', signal)).error);
  absent.close();
});

test('one receiver that hangs holds up no other, and neither holds up the end of the server', async () => {
  const { webhooks, events } = await open({ webhook: [`${url}/hang`, `${url}/quick`] });
  for (let event = 0; event < 3; event++) events.publish({ type: 'desktop_back' });
  await waitFor('three deliveries', () => deliveries.filter((one) => one.url === '/quick').length === 3);
  assert.equal(webhooks.states[0]!.waiting, 3);
  webhooks.close();
  events.close();
});
