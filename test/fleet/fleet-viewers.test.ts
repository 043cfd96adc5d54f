import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetProcess } from '../support/fleet-process.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { Viewer } from '../support/viewer.ts';

const FRED: TestLogin = { name: 'fred', password: 'fred-secret' };
const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };
const SLOW = { timeoutMs: 90_000 };

test('an owner of a desktop sees who is connected, its own users too, and ends connections', async (t) => {
  const fleet = await FleetProcess.start();
  t.after(() => fleet.removeAll());
  const [admin, pupil] = [fleet.client(), fleet.client(PUPIL)];
  t.after(() => {
    admin.close();
    pupil.close();
  });
  const wanted = { name: 'lab-1', command: 'exec sleep 100000', size: '640x480' };
  assert.equal((await admin.post('/api/desktops?wait=60', wanted, SLOW)).status, 201);
  assert.deepEqual((await admin.get('/api/desktops/lab-1/viewers')).json(), []);
  const grants = [{ right: 'write', desktop: 'lab-1' }];
  await admin.post('/api/users', [{ user: PUPIL.name, password: PUPIL.password, grants }]);
  await admin.get(`/d/lab-1/api/create_user?name=${FRED.name}&password=${FRED.password}&read=true`);

  const viewers = await Promise.all(
    [PUPIL, FRED].map((user) => Viewer.connectWebSocket(fleet.target('lab-1', user))),
  );
  await Promise.all(
    viewers.map((viewer) => viewer.waitForUpdate((_picture, update) => update !== undefined)),
  );
  const listed: { id: string; user: string; address: string; since: string; write: boolean }[] = (
    await admin.get('/api/desktops/lab-1/viewers')
  ).json();
  assert.deepEqual(listed.map(({ user, address, write }) => [user, address, write]).sort(), [
    [FRED.name, '127.0.0.1', false],
    [PUPIL.name, '127.0.0.1', true],
  ]);
  for (const { since } of listed) assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

  const ofFred = listed.find(({ user }) => user === FRED.name)!;
  const path = `/api/desktops/lab-1/viewers/${encodeURIComponent(ofFred.id)}`;
  const refused = await pupil.send(path, { method: 'DELETE' });
  assert.equal(refused.json().code, 'FLEET_NO_RIGHT');
  assert.equal((await pupil.get('/api/desktops/lab-1/viewers')).json().code, 'FLEET_NO_RIGHT');
  const unfit = await admin.send(`${path}?reason=a%0Ab`, { method: 'DELETE' });
  assert.deepEqual([unfit.status, unfit.json().code], [400, 'API_TEXT_INVALID']);
  const ended = await admin.send(`${path}?reason=The+lesson+is+over`, { method: 'DELETE' });
  assert.equal(ended.status, 204, ended.text());
  await viewers[1]!.waitForClose();
  assert.match(viewers[1]!.closedReason ?? '', /The lesson is over/);
  assert.equal((await admin.send(path, { method: 'DELETE' })).status, 204, 'a repeated call does no harm');
  const left: { user: string }[] = (await admin.get('/api/desktops/lab-1/viewers')).json();
  assert.deepEqual(
    left.map(({ user }) => user),
    [PUPIL.name],
  );

  await admin.post('/api/desktops/lab-1/pause?wait=60', undefined, SLOW);
  assert.deepEqual(
    (await admin.get('/api/desktops/lab-1/viewers')).json(),
    [],
    'a paused one has no viewers',
  );
  assert.equal((await admin.send(path, { method: 'DELETE' })).status, 204);
  assert.equal((await admin.get('/api/desktops/none/viewers')).json().code, 'FLEET_NO_SUCH_DESKTOP');
});
