import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SqliteStore } from '../../src/fleet/store/sqlite-store.ts';
import { EdgeProcess } from '../support/edge-process.ts';
import { FleetProcess } from '../support/fleet-process.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { withSlack } from '../support/limits.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

/** Something that changes, so that viewers have updates. */
const CLOCK = 'exec xterm -e sh -c "while :; do date; sleep 0.2; done"';
const SLOW = { timeoutMs: 90_000 };
const pupil = (i: number): TestLogin => ({ name: `pupil-${i}`, password: `pupil-${i}-secret` });
/** Desktops that edges of other processes reach. */
const REACHABLE = ['--address', '127.0.0.1'];
const GRANTS = [{ right: 'write', labels: ['class=7b'] }];

/** A fleet with one desktop and some users who may write, and more edges of it. */
async function start(t: TestContext, users: number, edges: number) {
  const fleet = await FleetProcess.start(undefined, REACHABLE);
  let last = fleet;
  t.after(() => last.removeAll());
  const admin = fleet.client();
  t.after(() => admin.close());
  const more: EdgeProcess[] = [];
  for (let i = 0; i < edges; i++) more.push(await EdgeProcess.start(fleet, `edge-${i}`));
  t.after(() => Promise.all(more.map((edge) => edge.stop())));
  const lab = { name: 'lab-1', labels: ['class=7b'], command: CLOCK, size: '640x480' };
  const made = await admin.post('/api/desktops?wait=60', lab, SLOW);
  assert.equal(made.json().state, 'running', made.text());
  // Other edges hear of them a moment later.
  await admin.post(
    '/api/users?confirm=1&wait=10',
    Array.from({ length: users }, (_, i) => ({
      user: pupil(i).name,
      password: pupil(i).password,
      grants: GRANTS,
    })),
    SLOW,
  );
  const startAgain = async (): Promise<FleetProcess> =>
    (last = await FleetProcess.start(fleet.data, REACHABLE));
  return { fleet, admin, more, startAgain };
}

const seen = async (viewer: Viewer): Promise<Viewer> => {
  await viewer.waitForUpdate((_picture, update) => update !== undefined);
  return viewer;
};

/** Takes the grants of a user away, as an edge does that is on another machine. */
async function changeStore(data: string, name: string): Promise<void> {
  const store = new SqliteStore(data);
  await store.transact(({ user }) => [{ kind: 'user', name, value: { ...user.get(name)!, grants: [] } }]);
  await store.close();
}

/** Who the desktop itself says is connected. */
const connected = async (admin: HttpsClient): Promise<string[]> =>
  (await admin.get('/d/lab-1/api/viewers')).json().viewers.map(({ user }: { user: string }) => user);

test('a desktop ends a viewer whose grant is gone while the edge that the viewer came by stands still', async (t) => {
  const { admin, more } = await start(t, 2, 1);
  const edge = more[0]!;
  const [stays, goes] = [pupil(0), pupil(1)];
  const viewers = await Promise.all(
    [stays, goes].map((user) => Viewer.connectWebSocket(edge.target('lab-1', user))),
  );
  await Promise.all(viewers.map(seen));
  assert.deepEqual((await connected(admin)).sort(), [stays.name, goes.name]);
  edge.signal('SIGSTOP');
  const changed = await admin.send(`/api/users/${goes.name}?confirm=1&wait=10`, {
    method: 'PATCH',
    body: { grants: [] },
  });
  const { version: _version, ...confirmed } = changed.json();
  // The edge does not answer, and the desktop knows.
  assert.deepEqual(confirmed, { confirmed: 1, missing: [edge.id], desktops_told: true });
  assert.deepEqual(await connected(admin), [stays.name]);
  edge.signal('SIGCONT');
  await viewers[1]!.waitForClose();
  await seen(viewers[0]!);
  const again = await admin.send(`/api/users/${stays.name}?confirm=1`, {
    method: 'PATCH',
    body: { grants: [] },
  });
  assert.deepEqual(again.json().missing, []);
  await viewers[0]!.waitForClose();
});

test('after a pause, a frozen desktop shows nothing to those who have lost their grant meanwhile', async (t) => {
  const { admin, more } = await start(t, 1, 1);
  const edge = more[0]!;
  const viewer = await seen(await Viewer.connectWebSocket(edge.target('lab-1', pupil(0))));
  edge.signal('SIGSTOP');
  await admin.post('/api/desktops/lab-1/pause?wait=60', undefined, SLOW);
  await admin.send(`/api/users/${pupil(0).name}`, { method: 'PATCH', body: { grants: [] } });
  await admin.post('/api/desktops/lab-1/resume?wait=60', undefined, SLOW);
  assert.deepEqual(await connected(admin), []);
  edge.signal('SIGCONT');
  await viewer.waitForClose();
});

test('a host that was ended by SIGKILL tells its desktops what they have missed', async (t) => {
  const { fleet, more, startAgain } = await start(t, 2, 1);
  // The viewers come by an edge that outlives the host.
  const edge = more[0]!;
  const viewers = await Promise.all(
    [0, 1].map(async (i) => seen(await Viewer.connectWebSocket(edge.target('lab-1', pupil(i))))),
  );
  await fleet.stop('SIGKILL');
  edge.signal('SIGSTOP');
  // While neither of them can tell the desktop.
  await changeStore(fleet.data, pupil(1).name);
  const client = (await startAgain()).client();
  t.after(() => client.close());
  await waitFor('the end of one', async () => {
    const users = await connected(client);
    return users.length === 1 && users[0] === pupil(0).name ? true : undefined;
  });
  edge.signal('SIGCONT');
  await viewers[1]!.waitForClose();
  await seen(viewers[0]!);
});

test('a grant that is removed at one edge ends pixels and keys at all edges within the limit', async (t) => {
  const users = 30;
  const { admin, more: edges } = await start(t, users, 2);
  const viewers = await Promise.all(
    Array.from({ length: users }, async (_, i) => {
      const target = edges[i % edges.length]!.target('lab-1', pupil(i));
      return seen(await Viewer.connectWebSocket(target));
    }),
  );
  const tookMs: number[] = [];
  for (const [i, viewer] of viewers.entries()) {
    const closed = viewer.waitForClose().then(() => performance.now());
    const answered = admin.send(`/api/users/${pupil(i).name}`, { method: 'PATCH', body: { grants: [] } });
    await answered;
    const atMs = performance.now();
    tookMs.push(Math.max(0, (await closed) - atMs));
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number): number => tookMs[Math.min(users - 1, Math.floor(share * users))]!;
  t.diagnostic(
    `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms after the answer, of ${users} viewers`,
  );
  assert.ok(at(0.99) <= withSlack(100), `p99 ${at(0.99)} ms`);
});
