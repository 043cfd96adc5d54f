import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isAlive, isFrozen } from '../../src/fleet/host/desktop-process.ts';
import { BEAT_MS, LEASE_MS } from '../../src/fleet/store/nodes.ts';
import { type EdgeProcess, type FleetNodeProcess, FleetNodes, makeDesktop } from '../support/fleet-nodes.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { TwiceWatch } from '../support/live-desktops.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const CLOCK = 'exec xterm -maximized -e sh -c "while :; do date; sleep 0.2; done"';
/** Longest wait for what follows the loss of a host, in ms: some times what it takes on a quiet machine. */
const LOSS_LIMIT_MS = 90_000;
const LOST_FLAGS = ['--address', '127.0.0.2'];
const SPARE_FLAGS = ['--address', '127.0.0.3'];

interface Fleet {
  readonly nodes: FleetNodes;
  readonly edge: EdgeProcess;
  readonly admin: HttpsClient;
  /** Has the desktops `stays` and `moves`, which may run elsewhere. */
  readonly lost: FleetNodeProcess;
  readonly twice: TwiceWatch;
}

async function startFleet(t: TestContext): Promise<Fleet> {
  const nodes = new FleetNodes();
  t.after(() => nodes.close());
  const edge = await nodes.edge('edge-1');
  const admin = edge.client();
  t.after(() => admin.close());
  const lost = await nodes.host('lost', LOST_FLAGS);
  await makeDesktop(admin, 'stays', { command: CLOCK });
  await makeDesktop(admin, 'moves', { restart: 'elsewhere' });
  await nodes.host('spare', SPARE_FLAGS);
  const twice = new TwiceWatch(nodes.folder);
  t.after(() => twice.stop());
  return { nodes, edge, admin, lost, twice };
}

const desktopOf = async (admin: HttpsClient, name: string) =>
  (await admin.get(`/api/desktops/${name}`)).json();

const picture = async (viewer: Viewer): Promise<void> => {
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
};

/** Waits until `moves` runs on the other host, and until `stays` counts as lost. */
async function waitForLoss({ admin }: Fleet): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const { host, state } = await desktopOf(admin, 'moves');
    return host === 'spare' && state === 'running';
  };
  await waitFor('the start elsewhere', isThere, LOSS_LIMIT_MS);
  const stays = await waitFor('the loss', async () => {
    const now = await desktopOf(admin, 'stays');
    return now.state === 'lost' && now;
  });
  assert.match(stays.reason, /^Its host lost does not answer since \d\d:\d\d UTC\.$/);
}

test('a host that is killed: desktops that may are started elsewhere, the others go on, and it finds them again', async (t) => {
  const fleet = await startFleet(t);
  const { nodes, edge, admin, lost, twice } = fleet;
  const viewer = await Viewer.connectWebSocket(edge.target('stays'));
  await picture(viewer);
  const [kept, left] = [nodes.desktopOn(lost, 'stays')!, nodes.desktopOn(lost, 'moves')!];
  await lost.end('SIGKILL');
  await waitForLoss(fleet);
  assert.ok(isFrozen(left), 'the desktop whose lease is over has frozen itself');
  // Edges that reach a desktop need no host for it.
  await picture(viewer);
  await picture(await Viewer.connectWebSocket(edge.target('stays')));
  await picture(await Viewer.connectWebSocket(edge.target('moves')));

  await nodes.host('lost', LOST_FLAGS);
  await waitFor('the end of what runs elsewhere now', () => !isAlive(left), LOSS_LIMIT_MS);
  await waitFor('the other one', async () => (await desktopOf(admin, 'stays')).state === 'running');
  assert.deepEqual(nodes.desktopOn(lost, 'stays'), kept);
  assert.equal(viewer.closedReason, undefined);
  await picture(viewer);
  assert.deepEqual(twice.found, []);
});

test('a host that stands still and goes on ends what it does not own any more, and keeps the rest', async (t) => {
  const fleet = await startFleet(t);
  const { nodes, admin, lost, twice } = fleet;
  const [kept, left] = [nodes.desktopOn(lost, 'stays')!, nodes.desktopOn(lost, 'moves')!];
  await nodes.stop(lost);
  await waitForLoss(fleet);
  assert.ok(isFrozen(left));
  lost.signal('SIGCONT');
  await waitFor('the end of what runs elsewhere now', () => !isAlive(left), LOSS_LIMIT_MS);
  await waitFor('the other one', async () => (await desktopOf(admin, 'stays')).state === 'running');
  assert.deepEqual(nodes.desktopOn(lost, 'stays'), kept);
  assert.deepEqual(twice.found, []);
});

test('a host that is started again within its lease keeps all desktops', async (t) => {
  const { nodes, edge, admin, lost, twice } = await startFleet(t);
  const before = ['stays', 'moves'].map((name) => nodes.desktopOn(lost, name)!);
  const viewer = await Viewer.connectWebSocket(edge.target('moves'));
  await picture(viewer);
  await lost.end('SIGTERM');
  await nodes.host('lost', LOST_FLAGS);
  const startedMs = performance.now();
  // Longer than the old lease was good for.
  await waitFor('the time of a lease', () => performance.now() - startedMs > LEASE_MS, 2 * LEASE_MS);
  assert.deepEqual(
    ['stays', 'moves'].map((name) => nodes.desktopOn(lost, name)),
    before,
  );
  assert.equal((await desktopOf(admin, 'moves')).state, 'running');
  assert.ok(!before.some(isFrozen));
  assert.equal(viewer.closedReason, undefined);
  assert.deepEqual(twice.found, []);
});

test('without another host, a desktop is frozen while its own is away, and goes on with it', async (t) => {
  const nodes = new FleetNodes();
  t.after(() => nodes.close());
  const edge = await nodes.edge('edge-1');
  const admin = edge.client();
  t.after(() => admin.close());
  const host = await nodes.host('only', LOST_FLAGS);
  await makeDesktop(admin, 'lab-1');
  // A setting that comes later holds, too.
  assert.equal(
    (await admin.send('/api/desktops/lab-1', { method: 'PATCH', body: { restart: 'elsewhere' } })).status,
    200,
  );
  const { pid, startedAt } = nodes.desktopOn(host, 'lab-1')!;
  // Stopped in the midst of a report, it would hold up all who write to the store of this folder.
  await waitFor('a moment between two reports', async () => {
    const sinceS = (await admin.get('/api/hosts')).json()[0].reported_s % (BEAT_MS / 1000);
    return sinceS > 0.5 && sinceS < 1.5;
  });
  await nodes.stop(host);
  await waitFor('the freeze', () => isFrozen({ pid, startedAt }), LOSS_LIMIT_MS);
  await waitFor('the loss', async () => (await desktopOf(admin, 'lab-1')).state === 'lost', LOSS_LIMIT_MS);
  host.signal('SIGCONT');
  await waitFor('it to go on', async () => (await desktopOf(admin, 'lab-1')).state === 'running');
  assert.ok(isAlive({ pid, startedAt }) && !isFrozen({ pid, startedAt }));
  await picture(await Viewer.connectWebSocket(edge.target('lab-1')));
});
