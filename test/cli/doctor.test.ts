import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Finding } from '../../src/cli/doctor/finding.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/deskwire.mjs');
/** A small screen, so that the checks pass on a machine with little memory. */
const SMALL = ['--size', '320x200', '--max-size', '320x200'];

interface Report {
  readonly status: number | null;
  readonly ok: boolean;
  /** What was found and is not `ok`, as `check outcome`. */
  readonly faults: readonly string[];
  readonly findings: readonly Finding[];
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-doctor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [LAUNCHER, 'doctor', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout };
}

function examine(args: readonly string[], env: NodeJS.ProcessEnv = {}): Report {
  const { status, stdout } = run(['--json', ...args], env);
  const { ok, findings } = JSON.parse(stdout) as Report;
  const faults = findings
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ check, outcome }) => `${check} ${outcome}`);
  return { status, ok, findings, faults };
}

/** Flags of a server with its own port and a data folder that does not exist yet. */
const flagsIn = (folder: string): string[] => [...SMALL, '--port', '0', '--data', join(folder, 'data')];

test('deskwire doctor finds no fault on a machine on which the server starts, and exits with 0', (t) => {
  const { status, ok, faults, findings } = examine(flagsIn(folderOf(t)));
  assert.deepEqual(
    faults.filter((fault) => fault.endsWith('failed')),
    [],
  );
  assert.deepEqual([status, ok], [0, true]);
  for (const check of [
    'config',
    'program',
    'programs',
    'shm',
    'desktop-user',
    'xvfb',
    'data',
    'users',
    'memory',
  ])
    assert.ok(
      findings.some((finding) => finding.check === check),
      check,
    );
});

test('deskwire doctor, started by root, starts its X server as the user of the desktop', {
  skip: process.getuid?.() !== 0 && 'only root can run the desktop as another user',
}, (t) => {
  const folder = folderOf(t);
  chmodSync(folder, 0o777);
  const xvfb = ['#!/bin/sh', `id -u >${folder}/started-as`, 'exec /usr/bin/Xvfb "$@"'].join('\n');
  writeFileSync(join(folder, 'Xvfb'), xvfb, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}` };
  for (const [flags, isRoot] of [
    [[], false],
    [['--desktop-user', 'nobody'], false],
    [['--desktop-user', 'root'], true],
  ] as const) {
    const { findings } = examine([...flagsIn(folder), ...flags], env);
    assert.equal(findings.find(({ check }) => check === 'xvfb')?.outcome, 'ok');
    const uid = readFileSync(join(folder, 'started-as'), 'utf8').trim();
    assert.equal(uid === '0', isRoot, flags.join(' '));
    rmSync(join(folder, 'started-as'));
  }
});

test('deskwire doctor reports every fault that it finds, each with what to do, and exits with 1', async (t) => {
  const folder = folderOf(t);
  const busy = createServer().listen(0, '127.0.0.1');
  t.after(() => busy.close());
  await once(busy, 'listening');
  const { port } = busy.address() as { port: number };
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o777 });
  chmodSync(data, 0o777);
  writeFileSync(join(data, 'users.json'), '{"version": 1');
  writeFileSync(join(data, 'tokens.json'), '{"version": 1}');
  writeFileSync(join(folder, 'cert.pem'), 'no certificate');
  writeFileSync(join(folder, 'key.pem'), 'no key');
  const { status, ok, faults, findings } = examine([
    ...[
      '--max-size',
      '16384x16384',
      '--port',
      String(port),
      '--data',
      data,
      '--desktop-user',
      'no-such-user',
    ],
    ...[
      '--cert',
      join(folder, 'cert.pem'),
      '--key',
      join(folder, 'key.pem'),
      '--kasmpasswd',
      join(folder, 'none'),
    ],
    ...['--owner-password-file', join(folder, 'none'), '--tcp-congestion', 'none'],
  ]);
  assert.deepEqual([status, ok], [1, false]);
  for (const fault of [
    'desktop-user failed',
    'data warning',
    'users failed',
    'tokens failed',
    'kasmpasswd failed',
    'owner failed',
    'certificate failed',
    'port failed',
    'congestion warning',
  ])
    assert.ok(faults.includes(fault), `${fault} is missing in ${faults.join(', ')}`);
  for (const { check, outcome, remedy } of findings)
    assert.equal(remedy === undefined, outcome === 'ok', check);
});

test('deskwire doctor names the packages of missing programs', (t) => {
  const empty = folderOf(t);
  const { status, findings, faults } = examine(flagsIn(empty), { PATH: empty });
  assert.equal(status, 1);
  assert.ok(faults.includes('programs failed'));
  assert.match(
    findings.find(({ check }) => check === 'programs')!.remedy!,
    /apt-get install .*xvfb x11-xkb-utils/,
  );
});

test('deskwire doctor checks a configuration file, and the display to attach to', (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'deskwire.yaml');
  writeFileSync(file, 'prot: 8443\n');
  const broken = examine(['--config', file]);
  assert.deepEqual([broken.status, broken.faults], [1, ['config failed']]);
  assert.match(broken.findings[0]!.detail, /line 1, column 1.*"prot".*port/);
  const { status, faults } = examine([...flagsIn(folder), '--display', ':59999']);
  assert.deepEqual([status, faults.filter((fault) => fault.startsWith('display'))], [1, ['display failed']]);
});

test('deskwire doctor prints a line for each finding, and what to do below it', (t) => {
  const folder = folderOf(t);
  const fine = run(flagsIn(folder));
  assert.match(fine.stdout, /^ok {7}config {8}\S.*\n/);
  assert.match(fine.stdout, /\nDeskwire can start\.\n$/);
  const wrong = run([...flagsIn(folder), '--display', ':59999']);
  assert.match(wrong.stdout, /\nfailed {3}display {7}.*\n {23}> start that X server.*\n/);
  assert.match(wrong.stdout, /\nDeskwire cannot start\.\n$/);
});
