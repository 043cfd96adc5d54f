import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FAMILIES, MOST_VIEWERS_LISTED } from '../../src/api/metrics/families.ts';
import { FRAME_SECONDS } from '../../src/api/metrics/metrics-page.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, ContractServer, EVE } from './contract-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMES = [...FAMILIES.map(({ name }) => name), FRAME_SECONDS];

let server: ContractServer;
before(async () => {
  server = await ContractServer.start();
});
after(() => server.close());

async function read(): Promise<string> {
  const answer = await server.client(ADA).get('/metrics');
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type']!, /^text\/plain; version=0\.0\.4/);
  return answer.text();
}

/** The value of a series. Its labels are written as in the answer. */
function seriesValue(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  assert.ok(line, `${series} in\n${text}`);
  return Number(line.slice(series.length + 1));
}

function promtool(args: readonly string[], input?: string): void {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, {
    cwd: join(ROOT, 'deploy/prometheus'),
    encoding: 'utf8',
    input,
  });
  assert.equal(error, undefined, 'promtool is in the Debian package prometheus');
  assert.equal(status, 0, `${stdout}${stderr}`);
}

test('the metrics tell viewers, users, frames, encodings, calls and refused logins', async () => {
  await read();
  await server.client().get('/api/get_users');
  await server.client(EVE).get('/api/get_users');
  const viewer = await server.viewer(EVE);
  const second = await server.viewer(EVE);
  server.desktop.paint({ x: 0, y: 0, width: 320, height: 200 }, 0x123456);
  const text = await waitFor('a frame', async () => {
    const now = await read();
    return seriesValue(now, 'deskwire_frames_total') > 0 && now;
  });
  assert.equal(seriesValue(text, 'deskwire_desktop_up'), 1);
  assert.equal(seriesValue(text, 'deskwire_viewers'), 2);
  assert.equal(seriesValue(text, 'deskwire_sessions'), 1);
  for (const seat of [1, 2])
    assert.ok(
      seriesValue(text, `deskwire_viewer_bottleneck{user="eve",seat="${seat}",number="network"}`) >= 0,
    );
  assert.ok(seriesValue(text, 'deskwire_sent_bytes_total{encoding="other"}') > 0);
  assert.equal(
    seriesValue(text, `${FRAME_SECONDS}_count{stage="total"}`),
    seriesValue(text, 'deskwire_frames_total'),
  );
  assert.ok(seriesValue(text, 'deskwire_api_calls_total{call="GET /api/metrics"}') >= 1);
  const refused = 'deskwire_api_failures_total{call="GET /api/get_users",code="HTTP_NOT_OWNER"}';
  assert.equal(seriesValue(text, refused), 1);
  assert.equal(seriesValue(text, 'deskwire_refused_logins_total{code="HTTP_LOGIN_NEEDED"}'), 1);
  assert.equal(
    seriesValue(text, 'deskwire_refused_logins_total{code="HTTP_TOO_MANY_LOGINS"}'),
    0,
    'the first burst of guesses is an increase',
  );
  assert.ok(seriesValue(text, 'deskwire_memory_bytes{kind="resident"}') > 1e6);
  assert.ok(
    seriesValue(text, 'deskwire_event_loop_delay_seconds{rank="p99"}') >= 0,
    'from the second answer on',
  );
  await viewer.close();
  await second.close();
  await waitFor('the viewers to be gone', async () => seriesValue(await read(), 'deskwire_viewers') === 0);
});

test('the metrics tell that the desktop is down, and that it is back', async () => {
  server.desktop.lose();
  assert.equal(seriesValue(await read(), 'deskwire_desktop_up'), 0);
  server.desktop.bringBack();
  assert.equal(seriesValue(await read(), 'deskwire_desktop_up'), 1);
});

test('only owners are told metrics, also at the address without /api', async () => {
  assert.equal((await server.client(EVE).get('/metrics')).status, 403);
  assert.equal((await server.client().get('/metrics')).status, 401);
  assert.equal((await server.client(ADA).get('/api/metrics')).status, 200);
  assert.equal((await server.client(ADA).post('/metrics', '')).status, 405);
});

test('viewers beyond MOST_VIEWERS_LISTED have no series of their own, and count as held up', () => {
  const count = MOST_VIEWERS_LISTED + 20;
  const viewers = Array.from({ length: count }, (_, at) => ({
    user: 'eve',
    seat: at + 1,
    cpu: 10,
    network: 1,
  }));
  const facts = { session: { viewers } } as unknown as Parameters<(typeof FAMILIES)[number]['read']>[0];
  const read = (name: string) => [...FAMILIES.find((family) => family.name === name)!.read(facts)];
  assert.equal(read('deskwire_viewer_bottleneck').length, 2 * MOST_VIEWERS_LISTED);
  assert.deepEqual(read('deskwire_viewers_held_up')[1], [{ number: 'network' }, count]);
});

test('promtool finds no fault in the metrics of a server with a viewer whose name needs escapes', async () => {
  const name = 'a "quoted" \\ name';
  await server.client(ADA).get(`/api/create_user?name=${encodeURIComponent(name)}&password=p&read=true`);
  const viewer = await server.viewer({ name, password: 'p' });
  await waitFor('the viewer', async () => seriesValue(await read(), 'deskwire_viewers') === 1);
  promtool(['check', 'metrics'], await read());
  await viewer.close();
});

test('promtool finds no fault in the alerts, and they fire when they should', () => {
  promtool(['check', 'rules', 'alerts.yml']);
  promtool(['test', 'rules', 'alerts.test.yml']);
  promtool(['check', 'config', '--syntax-only', 'prometheus.yml']);
});

test('alerts and dashboard name only metrics that the server has', async () => {
  const text = await read();
  for (const file of ['deploy/prometheus/alerts.yml', 'deploy/grafana/deskwire.json', 'docs/metrics.md']) {
    const named = readFileSync(join(ROOT, file), 'utf8').match(/\b(deskwire|process)_[a-z_]+\b/g) ?? [];
    const bare = [...new Set(named)].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    assert.deepEqual(
      bare.filter((name) => !NAMES.includes(name)),
      [],
      file,
    );
  }
  for (const name of NAMES) assert.match(text, new RegExp(`^# TYPE ${name} `, 'm'));
});

test('docs/metrics.md lists every metric with its type and labels, and no others', () => {
  const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  const rows = page.matchAll(/^\| `(\w+)` \| (gauge|counter|histogram) \|([^|]*)\|/gm);
  const listed = [...rows].map(([, name, type, labels]) =>
    `${name} ${type} ${labels!.replaceAll('`', '').trim()}`.trim(),
  );
  const inCode = FAMILIES.map(({ name, type, labels }) => `${name} ${type} ${labels.join(', ')}`.trim());
  assert.deepEqual(listed, [...inCode, `${FRAME_SECONDS} histogram stage`]);
});
