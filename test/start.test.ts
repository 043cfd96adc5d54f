import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { DeskwireProcess } from './support/deskwire-process.ts';
import { withSlack } from './support/limits.ts';
import { waitFor } from './support/wait-for.ts';

const ROOT = dirname(import.meta.dirname);
const READY_MS = 5_000;
const GONE_MS = 2_000;

const work = mkdtempSync(join(tmpdir(), 'deskwire-start-'));
after(() => rmSync(work, { recursive: true }));

function npmStart(data: string, ...flags: string[]): DeskwireProcess {
  const args = ['start', '--', '--port', '0', '--data', join(work, data), ...flags];
  return new DeskwireProcess('npm', args, { cwd: ROOT });
}

async function assertGoneSoon(server: DeskwireProcess, signalledAt: number): Promise<void> {
  assert.equal(await server.ended, 0, server.stderr);
  const leftMs = withSlack(GONE_MS) - (performance.now() - signalledAt);
  await waitFor('the end of all it started', () => server.survivors().length === 0, leftMs).catch(() => {
    assert.deepEqual(server.survivors(), []);
  });
}

test('npm start shows a new owner once and ends with the ready line', async () => {
  const startedAt = performance.now();
  {
    await using server = npmStart('first');
    const ready = await server.ready();
    assert.ok(performance.now() - startedAt < withSlack(READY_MS));
    assert.match(ready.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(ready.display, /^:\d+$/);
    assert.equal(ready.size, '1680x971');
    const lines = server.stdout.trimEnd().split('\n');
    assert.match(lines.at(-1)!, /^Deskwire ready: /);
    assert.match(lines.at(-2)!, /^Owner: \S+ {2}Password: \S+ \(shown once\)$/);
    server.signal('SIGTERM');
    assert.equal(await server.ended, 0);
    assert.match(server.stdout.trimEnd().split('\n').at(-1)!, /^Deskwire ready: /, 'nothing follows it');
  }
  await using again = npmStart('first');
  await again.ready();
  assert.doesNotMatch(again.stdout, /Owner:|Password:/);
  again.signal('SIGTERM');
  assert.equal(await again.ended, 0);
});

for (const [name, stop] of Object.entries({
  'SIGTERM to npm alone': (server: DeskwireProcess) => server.signal('SIGTERM'),
  'SIGTERM to the process group': (server: DeskwireProcess) => server.signalGroup('SIGTERM'),
  'Ctrl-C in the terminal': (server: DeskwireProcess) => server.signalGroup('SIGINT'),
})) {
  test(`${name} ends the server and everything it started, with exit code 0`, async () => {
    await using server = npmStart('stopped');
    await server.ready();
    assert.ok(server.survivors().some((line) => line.includes('Xvfb')));
    const signalledAt = performance.now();
    stop(server);
    await assertGoneSoon(server, signalledAt);
  });
}

test('SIGKILL of npm ends the server and everything it started', async () => {
  await using server = npmStart('killed');
  await server.ready();
  server.signal('SIGKILL');
  await waitFor('the end of all it started', () => server.survivors().length === 0, withSlack(GONE_MS));
});

/** Returns the path of a Node.js that cannot become another program; undefined if there is none on the PATH. */
function oldNode(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((node) => {
      const { status } = spawnSync(node, ['-e', 'process.exit(process.execve ? 1 : 0)']);
      return status === 0;
    });
}

test('SIGKILL of a launcher that has the server as its child ends the server and everything it started', async (t) => {
  const node = oldNode();
  if (node === undefined) return t.skip('every Node.js here can become another program');
  const data = join(work, 'launched');
  await using server = new DeskwireProcess(node, [
    join(ROOT, 'bin/deskwire.mjs'),
    ...['serve', '--port', '0', '--data', data],
  ]);
  await server.ready();
  server.signal('SIGKILL');
  await waitFor('the end of all it started', () => server.survivors().length === 0, withSlack(GONE_MS));
});

test('two servers run side by side on one machine', async () => {
  await using one = npmStart('one');
  await using two = npmStart('two', '--size', '800x600');
  const [readyOne, readyTwo] = await Promise.all([one.ready(), two.ready()]);
  assert.notEqual(readyOne.url, readyTwo.url);
  assert.notEqual(readyOne.display, readyTwo.display);
  assert.equal(readyTwo.size, '800x600');
  one.signal('SIGTERM');
  assert.equal(await one.ended, 0);
  assert.ok(
    two.survivors().some((line) => line.includes('Xvfb')),
    "one's end leaves two's desktop alone",
  );
  two.signal('SIGTERM');
  assert.equal(await two.ended, 0);
});

test('npm start fails with an error that names an unknown flag', async () => {
  await using server = npmStart('unknown', '--colour');
  assert.notEqual(await server.ended, 0);
  assert.match(server.stderr, /--colour/);
  await waitFor('every process to end', () => server.survivors().length === 0);
});
