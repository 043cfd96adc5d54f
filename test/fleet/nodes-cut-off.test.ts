import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { isAlive, isFrozen } from '../../src/fleet/host/desktop-process.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { type EdgeProcess, FleetNodes, makeDesktop } from '../support/fleet-nodes.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { TwiceWatch } from '../support/live-desktops.ts';
import { lacksPostgres } from '../support/postgres-here.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const skip = lacksPostgres();
const server = skip === false ? await PostgresServer.start() : undefined;
after(() => server?.stop());

/** Longest wait for what follows a cut, in ms: some times what it takes on a quiet machine. */
const CUT_LIMIT_MS = 90_000;

interface Fleet {
  readonly nodes: FleetNodes;
  readonly edge: EdgeProcess;
  readonly admin: HttpsClient;
  /** The way of one more node to the store, and its flags. */
  readonly way: CuttingProxy;
  readonly flags: readonly string[];
}

async function startFleet(t: TestContext): Promise<Fleet> {
  const url = server!.url(await server!.database());
  const way = await CuttingProxy.open(server!.port);
  t.after(() => way.close());
  const nodes = new FleetNodes(url);
  t.after(() => nodes.close());
  const edge = await nodes.edge('edge-1');
  const admin = edge.client();
  t.after(() => admin.close());
  const flags = ['--store', url.replace(`:${server!.port}/`, `:${way.port}/`)];
  return { nodes, edge, admin, way, flags };
}

const picture = async (viewer: Viewer): Promise<void> => {
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
};

const desktopOf = async (admin: HttpsClient, name: string) =>
  (await admin.get(`/api/desktops/${name}`)).json();

test('a host that is cut off from the store goes on, but for desktops that are started elsewhere', {
  skip,
}, async (t) => {
  const { nodes, edge, admin, way, flags } = await startFleet(t);
  const host = await nodes.host('cut', ['--address', '127.0.0.2', ...flags]);
  await makeDesktop(admin, 'stays', { command: 'exec xterm -e sh -c "while :; do date; sleep 0.2; done"' });
  await makeDesktop(admin, 'moves', { restart: 'elsewhere' });
  await nodes.host('spare', ['--address', '127.0.0.3']);
  const twice = new TwiceWatch(nodes.folder);
  t.after(() => twice.stop());
  const viewer = await Viewer.connectWebSocket(edge.target('stays'));
  await picture(viewer);
  const [kept, left] = [nodes.desktopOn(host, 'stays')!, nodes.desktopOn(host, 'moves')!];
  way.isCut = true;
  await waitFor(
    'the start elsewhere',
    async () => (await desktopOf(admin, 'moves')).host === 'spare',
    CUT_LIMIT_MS,
  );
  await waitFor('it to run', async () => (await desktopOf(admin, 'moves')).state === 'running', CUT_LIMIT_MS);
  assert.ok(isFrozen(left) && isAlive(left), 'what the host may no longer own is frozen');
  await picture(viewer);
  way.isCut = false;
  await waitFor('the end of what runs elsewhere now', () => !isAlive(left), CUT_LIMIT_MS);
  await waitFor(
    'the other one',
    async () => (await desktopOf(admin, 'stays')).state === 'running',
    CUT_LIMIT_MS,
  );
  assert.deepEqual(nodes.desktopOn(host, 'stays'), kept);
  assert.equal(viewer.closedReason, undefined);
  assert.deepEqual(twice.found, []);
});

test('an edge that is cut off from the store keeps its viewers, takes no passwords, and goes black if it is told so', {
  skip,
}, async (t) => {
  const { nodes, admin, way, flags } = await startFleet(t);
  await nodes.host('host-1');
  await makeDesktop(admin, 'lab-1');
  const cut = await nodes.edge('edge-2', ['--max-stale', '3', '--blank-after', '15', ...flags]);
  const client = cut.client();
  t.after(() => client.close());
  const viewer = await Viewer.connectWebSocket(cut.target('lab-1'));
  await picture(viewer);
  way.isCut = true;
  const refused = await waitFor(
    'the refusal of passwords',
    async () => {
      const stranger = cut.client();
      const answer = await stranger.get('/api/me');
      stranger.close();
      return answer.status === 503 && answer;
    },
    CUT_LIMIT_MS,
  );
  assert.equal(refused.json().code, 'FLEET_STORE_UNAVAILABLE');
  assert.ok(refused.headers['retry-after']);
  assert.equal(viewer.closedReason, undefined, 'viewers stay');
  await viewer.waitForClose(CUT_LIMIT_MS);
  way.isCut = false;
  await waitFor(
    'the edge to take viewers again',
    async () => {
      const again = await Viewer.connectWebSocket(cut.target('lab-1')).catch(() => undefined);
      if (again === undefined) return false;
      await picture(again);
      return true;
    },
    CUT_LIMIT_MS,
  );
});
