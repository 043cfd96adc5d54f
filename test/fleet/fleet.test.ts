import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ADMIN, FleetProcess } from '../support/fleet-process.ts';
import type { HttpsClient } from '../support/https-client.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const TEACHER: TestLogin = { name: 'teacher', password: 'teacher-secret' };
const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };

/** A program that needs nothing. */
const QUIET = 'exec sleep 100000';
/** A program that changes the screen once a second. */
const CLOCK = 'exec xterm -maximized -e sh -c "while :; do date; sleep 0.2; done"';
/** Programs of that desktop which run for as long as it does. */
const LASTING = /^(node|MainThread|Xvfb|xterm)/;
const SMALL = '640x480';
const SLOW = { timeoutMs: 90_000 };

async function startFleet(t: TestContext, flags: readonly string[] = []): Promise<FleetProcess> {
  const fleet = await FleetProcess.start(undefined, flags);
  t.after(() => fleet.removeAll());
  return fleet;
}

async function create(client: HttpsClient, name: string, more: object = {}): Promise<void> {
  const made = await client.post(
    '/api/desktops?wait=60',
    { name, command: QUIET, size: SMALL, ...more },
    SLOW,
  );
  assert.equal(made.status, 201, made.text());
  assert.equal(made.json().state, 'running', made.text());
}

const pictureOf = async (viewer: Viewer): Promise<void> => {
  await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
};

test('an admin makes a desktop, sees it, calls its API below its path, and removes it with its files', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  t.after(() => admin.close());
  await create(admin, 'lab-1', { labels: ['class=7b'] });

  const viewer = await Viewer.connectWebSocket(fleet.target('lab-1'));
  await pictureOf(viewer);
  assert.deepEqual(viewer.size, { width: 640, height: 480 });
  const [shown] = (await admin.get('/api/desktops')).json();
  assert.equal(shown.viewers, 1);
  assert.equal(shown.key, undefined);
  const stats = (await admin.get('/d/lab-1/api/get_bottleneck_stats')).json();
  assert.deepEqual(Object.keys(stats), [ADMIN.name]);
  const frames = (await admin.get('/d/lab-1/api/get_frame_stats?client=auto')).json();
  assert.equal(frames.frame.resx, 640);
  const picture = await admin.get('/d/lab-1/api/get_screenshot?width=160');
  assert.equal(picture.headers['content-type'], 'image/jpeg');
  assert.ok(picture.body.length > 100);

  const removed = await admin.send('/api/desktops/lab-1?wait=60', { method: 'DELETE', ...SLOW });
  assert.equal(removed.status, 204);
  await viewer.waitForClose();
  assert.equal((await admin.get('/api/desktops/lab-1')).json().code, 'FLEET_NO_SUCH_DESKTOP');
  assert.deepEqual(readdirSync(join(fleet.data, 'desktops')), []);
  assert.deepEqual(readdirSync(join(fleet.data, 'run')), []);
  assert.equal((await admin.send('/api/desktops/lab-1', { method: 'DELETE' })).status, 204);
});

test('users see and do what their grants say, and lose it at once with the grant', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  const [teacher, pupil] = [fleet.client(TEACHER), fleet.client(PUPIL)];
  t.after(() => {
    for (const client of [admin, teacher, pupil]) client.close();
  });
  await create(admin, 'lab-1', { labels: ['class=7b'], command: CLOCK });
  await create(admin, 'lab-2', { labels: ['class=8a'] });
  const users = [
    { user: TEACHER.name, password: TEACHER.password, grants: [{ right: 'owner', labels: ['class=7b'] }] },
    { user: PUPIL.name, password: PUPIL.password, grants: [{ right: 'read', desktop: 'lab-1' }] },
  ];
  assert.equal((await admin.post('/api/users', users)).status, 204);
  const namesOf = async (client: HttpsClient): Promise<string[]> =>
    (await client.get('/api/desktops')).json().map(({ name }: { name: string }) => name);
  assert.deepEqual(await namesOf(admin), ['lab-1', 'lab-2']);
  assert.deepEqual(await namesOf(pupil), ['lab-1']);

  const codeOf = async (client: HttpsClient, path: string, method = 'GET'): Promise<unknown> => {
    const { status, json } = await client.send(path, { method });
    return status < 300 ? status : json().code;
  };
  assert.equal(await codeOf(pupil, '/d/lab-1/api/get_users'), 'HTTP_NOT_OWNER');
  assert.equal(await codeOf(teacher, '/d/lab-1/api/get_users'), 200);
  for (const client of [teacher, pupil]) {
    assert.equal(await codeOf(client, '/d/lab-2/api/get_users'), 'FLEET_NO_SUCH_DESKTOP');
    assert.equal(await codeOf(client, '/d/none/api/get_users'), 'FLEET_NO_SUCH_DESKTOP');
    assert.equal(await codeOf(client, '/api/desktops/lab-2'), 'FLEET_NO_SUCH_DESKTOP');
    assert.equal(await codeOf(client, '/api/users'), 'FLEET_NO_RIGHT');
    assert.equal(await codeOf(client, '/api/templates'), 'FLEET_NO_RIGHT');
  }
  assert.equal(await codeOf(pupil, '/api/desktops/lab-1/pause', 'POST'), 'FLEET_NO_RIGHT');
  await assert.rejects(Viewer.connectWebSocket(fleet.target('lab-2', PUPIL)), { status: 404 });
  await assert.rejects(Viewer.connectWebSocket(fleet.target('lab-1', { ...PUPIL, password: 'wrong' })), {
    status: 401,
  });

  const viewers = await Promise.all(
    [TEACHER, PUPIL].map((user) => Viewer.connectWebSocket(fleet.target('lab-1', user))),
  );
  await Promise.all(viewers.map(pictureOf));
  const [ofTeacher, ofPupil] = viewers as [Viewer, Viewer];
  const changed = await admin.send(`/api/users/${PUPIL.name}`, { method: 'PATCH', body: { grants: [] } });
  assert.deepEqual(changed.json(), { user: PUPIL.name, admin: false, groups: [], grants: [] });
  await ofPupil.waitForClose();
  await assert.rejects(Viewer.connectWebSocket(fleet.target('lab-1', PUPIL)), { status: 404 });
  await pictureOf(ofTeacher);
  assert.equal(ofTeacher.closedReason, undefined);
  // Another password ends what the old one has begun.
  await admin.send(`/api/users/${TEACHER.name}`, { method: 'PATCH', body: { password: 'another' } });
  await ofTeacher.waitForClose();
  assert.equal(
    (await admin.send(`/api/users/${ADMIN.name}`, { method: 'DELETE' })).json().code,
    'ACCOUNTS_LAST_OWNER',
  );
});

test('a user of one desktop logs in there, and nowhere else', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  t.after(() => admin.close());
  await create(admin, 'lab-1');
  await create(admin, 'lab-2');
  const made = await admin.get(
    '/d/lab-1/api/create_user?name=fred&password=fred-secret&write=true&owner=true',
  );
  assert.equal(made.status, 200);
  const fred: TestLogin = { name: 'fred', password: 'fred-secret' };
  const client = fleet.client(fred);
  t.after(() => client.close());
  assert.equal((await client.get('/d/lab-1/api/get_users')).json()[0].user, 'fred');
  await pictureOf(await Viewer.connectWebSocket(fleet.target('lab-1', fred)));
  for (const path of ['/d/lab-2/api/get_users', '/api/desktops', '/d/none/api/get_users'])
    assert.equal((await client.get(path)).status, 401, path);
  await assert.rejects(Viewer.connectWebSocket(fleet.target('lab-2', fred)), { status: 401 });
});

test('a paused desktop is frozen, says so, and goes on with its programs', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  t.after(() => admin.close());
  await create(admin, 'lab-1', { command: CLOCK });
  const viewer = await Viewer.connectWebSocket(fleet.target('lab-1'));
  await pictureOf(viewer);
  const paused = await admin.post('/api/desktops/lab-1/pause?wait=30', undefined, SLOW);
  assert.equal(paused.json().state, 'paused', paused.text());
  await viewer.waitForClose();
  const refused = await admin.get('/d/lab-1/api/get_users');
  assert.equal(refused.status, 503);
  assert.equal(refused.json().code, 'FLEET_DESKTOP_NOT_RUNNING');
  assert.match(refused.json().detail, /paused/);
  assert.equal(refused.headers['retry-after'], '3');

  // A shell that has just begun a program waits for it in state D, for as long as that is frozen.
  await waitFor('all processes to be frozen', () =>
    desktopProcesses(fleet, 'lab-1').every((pid) => /^State:\s+[TD]/m.test(read(pid, 'status'))),
  );
  const lasting = desktopProcesses(fleet, 'lab-1').filter((pid) => LASTING.test(read(pid, 'comm')));
  assert.ok(lasting.length >= 3, 'server, X server and terminal are there');
  const resumed = await admin.post('/api/desktops/lab-1/resume?wait=30', undefined, SLOW);
  assert.equal(resumed.json().state, 'running', resumed.text());
  const again = await Viewer.connectWebSocket(fleet.target('lab-1'));
  await pictureOf(again);
  await pictureOf(again);
  const left = lasting.filter((pid) => existsSync(`/proc/${pid}`));
  assert.deepEqual(left, lasting, 'no program was started anew');
});

test('a desktop without viewers is paused, and goes on for the next one who may write', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  t.after(() => admin.close());
  await create(admin, 'lab-1', { idle_pause_s: 1 });
  const stateOf = async (): Promise<string> => (await admin.get('/api/desktops/lab-1')).json().state;
  await waitFor('the pause', async () => (await stateOf()) === 'paused');
  const viewer = await waitFor('the desktop to go on', () =>
    Viewer.connectWebSocket(fleet.target('lab-1')).catch(() => undefined),
  );
  await pictureOf(viewer);
  await viewer.close();
  await waitFor('the next pause', async () => (await stateOf()) === 'paused');
});

test('every call with a body is answered by its desktop', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  t.after(() => admin.close());
  await create(admin, 'asked', { command: 'exec sleep 1000' });
  // A desktop that closed the connection behind its answer was told from a silent one by chance.
  for (let i = 0; i < 100; i++)
    assert.equal((await admin.post('/d/asked/api/tickets', { guest: 'Anna' })).status, 200, `call ${i}`);
});

test('a desktop that ends by itself says so, or is started again', async (t) => {
  const fleet = await startFleet(t);
  const admin = fleet.client();
  t.after(() => admin.close());
  const command = 'exec sleep 1000';
  await create(admin, 'once', { command });
  await create(admin, 'again', { command, restart: 'here' });
  for (const name of ['once', 'again']) process.kill(serverOf(fleet, name), 'SIGKILL');
  await waitFor('the end', async () => {
    const { state, reason } = (await admin.get('/api/desktops/once')).json();
    return state === 'ended' && reason === 'It has ended by itself.';
  });
  await waitFor(
    'the restart',
    async () => (await admin.get('/d/again/api/get_users')).status === 200,
    120_000,
  );
  const started = await admin.post('/api/desktops/once/restart?wait=60', undefined, SLOW);
  assert.equal(started.json().state, 'running');
  assert.equal((await admin.get('/d/once/api/get_users')).status, 200);
});

test('desktops outlive a fleet that is killed, and the next one has them', async (t) => {
  const first = await FleetProcess.start();
  const client = first.client();
  await create(client, 'stays');
  await create(client, 'goes');
  await create(client, 'sleeps');
  assert.equal(
    (await client.post('/api/desktops/sleeps/pause?wait=30', undefined, SLOW)).json().state,
    'paused',
  );
  await assert.rejects(FleetProcess.start(first.data), /FLEET_RUNS_ALREADY/);
  client.close();
  await first.stop('SIGKILL');
  const kept = serverOf(first, 'stays');
  process.kill(serverOf(first, 'goes'), 'SIGKILL');

  const second = await FleetProcess.start(first.data);
  t.after(() => second.removeAll());
  assert.equal(second.found, 3);
  const admin = second.client();
  t.after(() => admin.close());
  await pictureOf(await Viewer.connectWebSocket(second.target('stays')));
  assert.equal(serverOf(second, 'stays'), kept);
  assert.equal((await admin.get('/api/desktops/goes')).json().state, 'lost');
  assert.equal(
    (await admin.post('/api/desktops/sleeps/resume?wait=30', undefined, SLOW)).json().state,
    'running',
  );
  await pictureOf(await Viewer.connectWebSocket(second.target('sleeps')));
});

/** The process of a desktop's server. */
function serverOf(fleet: FleetProcess, name: string): number {
  const keyFile = join(fleet.data, 'desktops', name, 'edge.key');
  const found = processes().find((pid) => read(pid, 'cmdline').includes(keyFile));
  assert.ok(found !== undefined, `${name} has no process`);
  return found;
}

/** That process, and all that descend from it. */
function desktopProcesses(fleet: FleetProcess, name: string): number[] {
  const tree = [serverOf(fleet, name)];
  for (const parent of tree)
    tree.push(
      ...processes().filter((pid) => new RegExp(`^PPid:\\s${parent}$`, 'm').test(read(pid, 'status'))),
    );
  return tree;
}

const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
