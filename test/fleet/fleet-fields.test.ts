import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { argumentsOf, processIds } from '../../src/common/process-tree.ts';
import { placesOf } from '../../src/fleet/host/desktop-places.ts';
import { FleetProcess } from '../support/fleet-process.ts';
import type { HttpsClient } from '../support/https-client.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { waitFor } from '../support/wait-for.ts';

const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };
const SLOW = { timeoutMs: 90_000 };
const MORE_WAITS = 3;

async function startFleet(t: TestContext): Promise<{ fleet: FleetProcess; admin: HttpsClient }> {
  const fleet = await FleetProcess.start();
  t.after(() => fleet.removeAll());
  const admin = fleet.client();
  t.after(() => admin.close());
  return { fleet, admin };
}

// biome-ignore lint/suspicious/noExplicitAny: a test asserts the content.
async function create(admin: HttpsClient, wanted: Readonly<Record<string, unknown>>): Promise<any> {
  let made = await admin.post('/api/desktops?wait=60', { size: '640x480', ...wanted }, SLOW);
  // On a busy machine, a start takes longer than a call may wait.
  for (let i = 0; i < MORE_WAITS && made.status === 202; i++)
    made = await admin.get(`/api/desktops/${String(wanted.name)}?wait=60`, SLOW);
  assert.ok(made.status === 201 || made.status === 200, made.text());
  return made.json();
}

/** Home folder of a desktop's programs. */
function homeOf({ data }: FleetProcess, name: string): string {
  const { home, userId } = placesOf(name, data);
  return process.geteuid?.() === 0 ? join('/var/lib/deskwire-fleet', userId) : home;
}

/** The process of a desktop's server. */
function serverOf({ data }: FleetProcess, name: string): number {
  const { keyFile } = placesOf(name, data);
  const found = processIds().find((pid) => argumentsOf(pid).includes(keyFile));
  assert.ok(found !== undefined, `${name} has no process`);
  return found;
}

test('variables of a desktop reach its programs, not its server, and are shown to its owners only', async (t) => {
  const { fleet, admin } = await startFleet(t);
  const environment = { GREETING: 'hello\nworld', LANG: 'C.UTF-8', SECRET: 's3cret' };
  const command = 'env -0 > "$HOME/new" && mv "$HOME/new" "$HOME/env"; exec sleep 100000';
  assert.deepEqual((await create(admin, { name: 'lab-1', command, environment })).environment, environment);
  const text = await waitFor('the program to write', () => {
    try {
      return readFileSync(join(homeOf(fleet, 'lab-1'), 'env'), 'utf8');
    } catch {
      return undefined;
    }
  });
  const seen = text.split('\0');
  for (const [name, value] of Object.entries(environment)) assert.ok(seen.includes(`${name}=${value}`), name);
  const server = readFileSync(`/proc/${serverOf(fleet, 'lab-1')}/environ`, 'utf8');
  assert.ok(!server.includes('GREETING') && !server.includes('s3cret'));
  assert.ok(!argumentsOf(serverOf(fleet, 'lab-1')).join(' ').includes('s3cret'));

  await admin.post('/api/users', [
    { user: PUPIL.name, password: PUPIL.password, grants: [{ right: 'write', desktop: 'lab-1' }] },
  ]);
  const pupil = fleet.client(PUPIL);
  t.after(() => pupil.close());
  for (const answer of [await pupil.get('/api/desktops'), await pupil.get('/api/desktops/lab-1')])
    assert.ok(answer.status === 200 && !answer.text().includes('environment'), answer.text());
  const refused = await admin.post('/api/desktops', {
    name: 'lab-2',
    environment: { NODE_OPTIONS: 's3cret' },
  });
  assert.deepEqual([refused.status, refused.json().code], [400, 'FLEET_ENVIRONMENT_INVALID']);
  assert.ok(!refused.text().includes('s3cret'));
  for (const wrong of [{ A: 1 }, [], 'A=1', { A: null }]) {
    const answer = await admin.post('/api/desktops', { name: 'lab-2', environment: wrong });
    assert.equal(answer.json().code, 'API_FIELD_INVALID', JSON.stringify(wrong));
  }
});

test('programs of a desktop can use OpenGL unless it is made without', async (t) => {
  const { fleet, admin } = await startFleet(t);
  const command = 'xdpyinfo -queryExtensions > "$HOME/new"; mv "$HOME/new" "$HOME/seen"; exec sleep 100000';
  await Promise.all([
    create(admin, { name: 'with', command }),
    create(admin, { name: 'without', command, gl: false }),
  ]);
  const seen = (name: string): Promise<string> =>
    waitFor('the program to write', () => {
      try {
        return readFileSync(join(homeOf(fleet, name), 'seen'), 'utf8');
      } catch {
        return undefined;
      }
    });
  assert.match(await seen('with'), /GLX/);
  const without = await seen('without');
  assert.match(without, /RANDR/);
  assert.doesNotMatch(without, /GLX/);
});

test('a temporary home is empty at each start, and a kept one is not', async (t) => {
  const { fleet, admin } = await startFleet(t);
  const command = 'echo again >> "$HOME/starts"; exec sleep 100000';
  const starts = (name: string): number =>
    readFileSync(join(homeOf(fleet, name), 'starts'), 'utf8').split('\n').length - 1;
  const writes = (name: string, count: number): Promise<unknown> =>
    waitFor(`start ${count} of ${name}`, () => {
      try {
        return starts(name) === count || undefined;
      } catch {
        return undefined;
      }
    });
  const [kept, thrown] = await Promise.all([
    create(admin, { name: 'kept', command }),
    create(admin, { name: 'thrown', command, home: 'temporary' }),
  ]);
  assert.deepEqual([kept.home, thrown.home], [undefined, 'temporary']);
  await Promise.all([writes('kept', 1), writes('thrown', 1)]);
  for (const name of ['kept', 'thrown'])
    assert.equal((await admin.post(`/api/desktops/${name}/restart?wait=60`, undefined, SLOW)).status, 200);
  await Promise.all([writes('kept', 2), writes('thrown', 1)]);
});

test('a desktop says which of its limits hold, and they hold for its server and its programs', async (t) => {
  const { fleet, admin } = await startFleet(t);
  const limits = { memory_mb: 1024, cpu_percent: 200, processes: 400 };
  const made = await create(admin, { name: 'lab-1', command: 'exec sleep 100000', limits });
  assert.deepEqual(made.limits, limits);
  const enforced: readonly string[] = made.limits_enforced;
  assert.ok(
    enforced.every((name) => Object.hasOwn(limits, name)),
    enforced.join(),
  );
  if (enforced.includes('memory_mb')) {
    const group = `deskwire-${placesOf('lab-1', fleet.data).userId}`;
    const sleeping = processIds().filter((pid) => argumentsOf(pid).join(' ') === 'sleep 100000');
    const groups = [serverOf(fleet, 'lab-1'), ...sleeping].map((pid) =>
      readFileSync(`/proc/${pid}/cgroup`, 'utf8'),
    );
    assert.ok(groups[0]!.includes(group), groups[0]);
    assert.ok(groups.slice(1).some((text) => text.includes(group)));
  } else t.diagnostic(`this host enforces: ${enforced.join(', ') || 'nothing'}`);
  assert.equal(
    (await create(admin, { name: 'lab-2', command: 'exec sleep 100000' })).limits_enforced,
    undefined,
  );
  for (const wrong of [{ memory_mb: 1 }, { processes: 2 }, { cpu_percent: 1.5 }, { disk: 1 }, 7]) {
    const answer = await admin.post('/api/desktops', { name: 'lab-3', limits: wrong });
    assert.equal(answer.json().code, 'API_FIELD_INVALID', JSON.stringify(wrong));
  }
});

test('a grant by name ends with its desktop: the next one of the name is closed to that user', async (t) => {
  const { fleet, admin } = await startFleet(t);
  const command = 'exec sleep 100000';
  await create(admin, { name: 'lab-1', command });
  const grants = [
    { right: 'owner', desktop: 'lab-1' },
    { right: 'read', labels: ['class=7b'] },
  ];
  await admin.post('/api/users', [{ user: PUPIL.name, password: PUPIL.password, grants }]);
  const pupil = fleet.client(PUPIL);
  t.after(() => pupil.close());
  assert.equal((await pupil.get('/d/lab-1/api/get_users')).status, 200);
  assert.equal((await pupil.send('/api/desktops/lab-1?wait=60', { method: 'DELETE', ...SLOW })).status, 204);
  assert.deepEqual((await pupil.get('/api/me')).json().grants, [grants[1]]);
  await create(admin, { name: 'lab-1', command });
  for (const path of ['/api/desktops/lab-1', '/d/lab-1/api/get_users'])
    assert.equal((await pupil.get(path)).json().code, 'FLEET_NO_SUCH_DESKTOP', path);
});
