import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { SqliteStore } from '../../src/fleet/store/sqlite-store.ts';
import { type EdgeProcess, type FleetNodeProcess, FleetNodes, makeDesktop } from '../support/fleet-nodes.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

interface Fleet {
  readonly nodes: FleetNodes;
  readonly edges: readonly EdgeProcess[];
  readonly hosts: ReadonlyMap<string, FleetNodeProcess>;
  readonly admin: HttpsClient;
}

/** Two hosts at addresses of their own, and edges. */
async function startFleet(t: TestContext, edges = 1, hostFlags: readonly string[] = []): Promise<Fleet> {
  const nodes = new FleetNodes();
  t.after(() => nodes.close());
  const first = await nodes.edge('edge-1');
  const others = Array.from({ length: edges - 1 }, (_, i) => nodes.edge(`edge-${i + 2}`));
  const hosts = ['host-1', 'host-2'].map((name, i) =>
    nodes.host(name, ['--address', `127.0.0.${i + 2}`, ...hostFlags]),
  );
  const admin = first.client();
  t.after(() => admin.close());
  await Promise.all(hosts);
  await waitFor('the reports of both', async () =>
    (await hostsOf(admin)).every(({ state }: { state: string }) => state === 'up'),
  );
  return {
    nodes,
    edges: [first, ...(await Promise.all(others))],
    hosts: new Map((await Promise.all(hosts)).map((host) => [host.place, host])),
    admin,
  };
}

const hostsOf = async (admin: HttpsClient) => (await admin.get('/api/hosts')).json();
const desktopOf = async (admin: HttpsClient, name: string) =>
  (await admin.get(`/api/desktops/${name}`)).json();

const pictureOf = async (viewer: Viewer): Promise<void> => {
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
};

test('desktops are spread over hosts, and every edge reaches all of them', async (t) => {
  const { admin, edges } = await startFleet(t, 2);
  const made = [await makeDesktop(admin, 'lab-1'), await makeDesktop(admin, 'lab-2')];
  assert.deepEqual(made.map(({ host }) => host).sort(), ['host-1', 'host-2']);
  assert.deepEqual(
    (await hostsOf(admin)).map(({ name, used, state, reason }: Record<string, unknown>) => [
      name,
      used,
      state,
      reason,
    ]),
    [
      ['host-1', 1, 'up', ''],
      ['host-2', 1, 'up', ''],
    ],
  );
  const viewers: Viewer[] = [];
  for (const edge of edges)
    for (const name of ['lab-1', 'lab-2']) {
      const viewer = await Viewer.connectWebSocket(edge.target(name));
      await pictureOf(viewer);
      viewers.push(viewer);
    }
  // Each edge counts its own at once, and those of the others when they have reported.
  await waitFor('the viewers of both edges', async () => (await desktopOf(admin, 'lab-1')).viewers === 2);
  const other = edges[1]!.client();
  t.after(() => other.close());
  const users = await other.get('/d/lab-1/api/get_bottleneck_stats');
  assert.deepEqual(Object.keys(users.json()), ['ada']);
  for (const viewer of viewers) await viewer.close();
});

test('a desktop answers edges of its fleet only: no login, no other program, no VNC viewer', async (t) => {
  const { nodes, admin, hosts } = await startFleet(t);
  const { host } = await makeDesktop(admin, 'lab-1');
  const store = new SqliteStore(`${nodes.folder}/store`);
  t.after(() => store.close());
  const { address, certificate } = store.state.host.get(host)!;
  const port = store.state.desktop.get('lab-1')!.port!;
  assert.ok(hosts.has(host));
  assert.match(certificate!, /^[0-9a-f]{64}$/);
  const ask = async (path: string): Promise<string> => {
    const socket = connectTls({ host: address!, port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const basic = Buffer.from('ada:correct horse battery').toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${basic}\r\nConnection: close\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text;
  };
  for (const path of ['/', '/api/get_users', '/readyz', '/healthz', '/metrics', '/websockify'])
    assert.match(await ask(path), /^HTTP\/1.1 403 .*HTTP_NOT_BY_EDGE/s, path);
  const viewer = connect(port, address!);
  viewer.write('RFB 003.008\n');
  let said = '';
  for await (const chunk of viewer) said += chunk.toString('latin1');
  assert.match(said, /This port speaks HTTPS/);
});

test('an operator drains a host, sees why it is not chosen, and removes one that is gone', async (t) => {
  const { admin, hosts } = await startFleet(t);
  const drained = await admin.post('/api/hosts/host-1/drain', undefined);
  assert.equal(drained.json().reason, 'It is draining.');
  for (const name of ['lab-1', 'lab-2']) assert.equal((await makeDesktop(admin, name)).host, 'host-2');
  assert.equal((await admin.post('/api/hosts/host-2/drain', undefined)).status, 200);
  const refused = await admin.post('/api/desktops', { name: 'lab-3' });
  assert.deepEqual([refused.status, refused.json().code], [503, 'FLEET_CAPACITY']);
  assert.match(refused.json().detail, /host-1: It is draining\. host-2: It is draining\./);
  assert.ok(refused.headers['retry-after']);
  await admin.post('/api/hosts/host-1/undrain', undefined);
  assert.equal((await makeDesktop(admin, 'lab-3')).host, 'host-1');
  const again = await admin.post('/api/desktops/lab-2/restart?wait=60', undefined, { timeoutMs: 90_000 });
  assert.deepEqual(
    [again.json().host, again.json().state],
    ['host-2', 'running'],
    'a drained host keeps its own',
  );
  const live = await admin.send('/api/hosts/host-1', { method: 'DELETE' });
  assert.equal(live.json().code, 'FLEET_HOST_LIVE');
  assert.equal((await admin.get('/api/hosts/none')).json().code, 'FLEET_NO_SUCH_HOST');
  await hosts.get('host-1')!.end('SIGKILL');
  await waitFor(
    'the removal',
    async () => (await admin.send('/api/hosts/host-1', { method: 'DELETE' })).status === 204,
    60_000,
  );
  const lost = await waitFor('the loss', async () => {
    const now = await desktopOf(admin, 'lab-3');
    return now.state === 'lost' && now;
  });
  // Its host may have counted as lost before it was removed.
  assert.match(lost.reason, /^Its host (was removed|host-1 does not answer since \d\d:\d\d UTC)\.$/);
});

test('idle times count the viewers of all edges', async (t) => {
  const { admin, edges } = await startFleet(t, 2);
  await makeDesktop(admin, 'lab-1', { idle_pause_s: 3 });
  const viewer = await Viewer.connectWebSocket(edges[1]!.target('lab-1'));
  await pictureOf(viewer);
  await makeDesktop(admin, 'lab-2', { idle_pause_s: 8 });
  // One that nobody uses is paused later, so that the first one has had its time.
  await waitFor(
    'the pause of the other',
    async () => (await desktopOf(admin, 'lab-2')).state === 'paused',
    60_000,
  );
  assert.equal((await desktopOf(admin, 'lab-1')).state, 'running');
  await viewer.close();
  await waitFor('the pause', async () => (await desktopOf(admin, 'lab-1')).state === 'paused', 60_000);
});
