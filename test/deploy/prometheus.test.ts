import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADA, ContractServer, EVE } from '../api/contract-server.ts';
import { stablePort } from '../support/stable-port.ts';
import { ThrottledProxy } from '../support/throttled-proxy.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

// Prometheus with the files of deploy/prometheus, which looks every second instead of every fifteen.

const FILES = join(import.meta.dirname, '../../deploy/prometheus');
/** Bytes per second of a link that is too slow for any picture. */
const SLOW_BYTES_PER_SECOND = 8 * 1024;
/** Time between two questions to Prometheus, which looks every second. */
const POLL_MS = 200;
/** Longest wait in ms for Prometheus, which takes some looks before a rule holds. */
const LIMIT_MS = 60_000;

let server: ContractServer;
let proxy: ThrottledProxy;
let folder: string;
let prometheus: ChildProcess;
let url: string;
let output = '';
before(async () => {
  server = await ContractServer.start();
  proxy = await ThrottledProxy.open(server.http.port, {});
  folder = mkdtempSync(join(tmpdir(), 'deskwire-prometheus-'));
  cpSync(FILES, folder, { recursive: true });
  copyFileSync(server.certificatePath, join(folder, 'cert.pem'));
  const body = { name: 'prometheus', scopes: ['stats'], expires_s: 600 };
  writeFileSync(join(folder, 'token'), (await server.client(ADA).post('/api/tokens', body)).json().token);
  change('prometheus.yml', [
    [/_interval: 15s/g, '_interval: 1s'],
    [/127\.0\.0\.1:8443/, `127.0.0.1:${server.http.port}`],
  ]);
  change('alerts.yml', [
    [/for: \d+[ms]/g, 'for: 1s'],
    [/\[1m\]\) < 5/, '[3s]) < 5'],
  ]);
  const port = await stablePort();
  url = `http://127.0.0.1:${port}`;
  prometheus = spawn(
    'prometheus',
    [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.console.templates=consoles',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  prometheus.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
});
after(async () => {
  if (prometheus?.exitCode === null) {
    prometheus.kill('SIGKILL');
    await once(prometheus, 'close');
  }
  await proxy?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function change(file: string, changes: readonly (readonly [RegExp, string])[]): void {
  let text = readFileSync(join(folder, file), 'utf8');
  for (const [pattern, replacement] of changes) {
    assert.match(text, pattern);
    text = text.replace(pattern, replacement);
  }
  writeFileSync(join(folder, file), text);
}

/** The samples that Prometheus has for an expression, with their labels, as JSON. */
async function query(expression: string): Promise<string> {
  await sleep(POLL_MS);
  const asked = `${url}/api/v1/query?query=${encodeURIComponent(expression)}`;
  // It does not listen at once.
  const answer = await fetch(asked).catch(() => undefined);
  const { data } = ((await answer?.json()) ?? {}) as { readonly data?: { readonly result: unknown } };
  return JSON.stringify(data?.result ?? []);
}

async function dashboard(): Promise<string> {
  const answer = await fetch(`${url}/consoles/deskwire.html`);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text;
}

test('Prometheus reads the metrics, and shows the viewers in the dashboard', async () => {
  const odd = { name: `o'd "d"\\`, password: 'odd-secret' };
  const user = { user: odd.name, password: odd.password, read: true };
  assert.equal((await server.client(ADA).post('/api/create_user', [user])).status, 200);
  const viewer = await server.viewer(EVE);
  const second = await server.viewer(odd);
  await waitFor(
    'numbers in Prometheus',
    async () => {
      assert.equal(prometheus.exitCode, null, output);
      return (await query('deskwire_viewer_bottleneck{number="network"}')).includes(
        String.raw`"user":"o'd \"d\"\\"`,
      );
    },
    LIMIT_MS,
  );
  // As docs/metrics.md asks it.
  const args = ['query', 'instant', url, 'deskwire_viewer_bottleneck'];
  assert.match(spawnSync('promtool', args, { encoding: 'utf8' }).stdout, /user="eve".* => \d/);
  const text = await dashboard();
  assert.match(text, /<td>eve<\/td><td>1<\/td>\s*<td>10\.0<\/td>\s*<td>10\.0<\/td>/);
  assert.match(text, /<td>o&#39;d &#34;d&#34;\\<\/td><td>2<\/td>\s*<td>10\.0<\/td>\s*<td>10\.0<\/td>/);
  assert.match(text, /<td>up<\/td>\s*<td>2<\/td>/);
  assert.match(text, /<h2>Alerts<\/h2>\s*<table>\s*<tr><td>none<\/td>/);
  await viewer.close();
  await second.close();
});

test('a viewer whose link is too slow becomes an alert, which ends with the viewer', async () => {
  const target = { url: `https://127.0.0.1:${proxy.port}/`, ca: server.ca, user: EVE };
  const viewer = await Viewer.connectWebSocket(target);
  proxy.setRate('down', SLOW_BYTES_PER_SECOND);
  let colour = 0;
  const painting = setInterval(() => {
    colour += 0x010305;
    for (let x = 0; x < 320; x += 8)
      server.desktop.paint({ x, y: 0, width: 8, height: 200 }, (colour * (x + 1)) & 0xffffff);
  }, 50);
  try {
    await waitFor(
      'the alert',
      async () =>
        (await query('ALERTS{alertname="DeskwireSlowLink",alertstate="firing"}')).includes('"user":"eve"'),
      LIMIT_MS,
    );
    assert.match(await dashboard(), /<td>DeskwireSlowLink<\/td><td>firing<\/td>/);
  } finally {
    clearInterval(painting);
    await viewer.close();
  }
  await waitFor(
    'no alert',
    async () => (await query('ALERTS{alertname="DeskwireSlowLink"}')) === '[]',
    LIMIT_MS,
  );
});
