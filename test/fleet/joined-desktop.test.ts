import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { isAlive } from '../../src/fleet/host/desktop-process.ts';
import { FleetNodes, makeDesktop } from '../support/fleet-nodes.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const FLAGS = [
  '--name',
  'lab-7',
  '--command',
  'exec sleep 100000',
  '--size',
  '640x480',
  '--labels',
  'class=7b',
];

test('a desktop that joins runs in the foreground, ends with its command, and takes its place back', async (t) => {
  const nodes = new FleetNodes();
  t.after(() => nodes.close());
  const edge = await nodes.edge('edge-1');
  const admin = edge.client();
  t.after(() => admin.close());
  const desktopOf = async () => (await admin.get('/api/desktops/lab-7')).json();
  const isRunning = async (): Promise<boolean> => (await desktopOf()).state === 'running';

  const first = await nodes.run('desktop --join', 'pod-1', FLAGS);
  await waitFor('the desktop', isRunning, 60_000);
  assert.deepEqual((await desktopOf()).labels, ['class=7b']);
  const viewer = await Viewer.connectWebSocket(edge.target('lab-7'));
  assert.deepEqual(viewer.size, { width: 640, height: 480 });
  // No other desktop gets its place.
  const refused = await admin.post('/api/desktops', { name: 'other' });
  assert.match(refused.json().detail, /desktop-lab-7: It runs the desktop lab-7 alone\./);
  const server = nodes.desktopOn(first, 'lab-7')!;
  await first.end('SIGTERM');
  await waitFor('the end of its server', () => !isAlive(server));
  const { state, reason } = await desktopOf();
  assert.deepEqual([state, reason], ['ended', 'It was ended where it was started.']);
  assert.equal((await admin.post('/api/desktops/lab-7/restart', undefined)).json().code, 'FLEET_CAPACITY');

  // The next one has another folder, as a new container has, and the one before was killed.
  const second = await nodes.run('desktop --join', 'pod-2', FLAGS);
  await waitFor('the desktop again', isRunning, 60_000);
  await second.end('SIGKILL');
  const third = await nodes.run('desktop --join', 'pod-3', FLAGS);
  await waitFor('the third one', isRunning, 60_000);
  await Viewer.connectWebSocket(edge.target('lab-7'));

  const ended = once(third.child, 'exit');
  assert.equal(
    (await admin.send('/api/desktops/lab-7?wait=30', { method: 'DELETE', timeoutMs: 60_000 })).status,
    204,
  );
  assert.deepEqual(await ended, [0, null]);
});

test('a desktop cannot join under the name of another one', async (t) => {
  const nodes = new FleetNodes();
  t.after(() => nodes.close());
  const edge = await nodes.edge('edge-1');
  await nodes.host('host-1');
  const admin = edge.client();
  t.after(() => admin.close());
  await makeDesktop(admin, 'lab-7');
  await assert.rejects(nodes.run('desktop --join', 'pod', FLAGS), /FLEET_DESKTOP_EXISTS/);
});
