import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sha256Crypt } from '../../src/accounts/sha256-crypt.ts';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { startDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';

const CLI = join(import.meta.dirname, '../../bin/deskwire.mjs');
const folder = mkdtempSync(join(tmpdir(), 'deskwire-audit-cli-'));
after(() => rmSync(folder, { recursive: true }));

const linesOf = (path: string): AuditEntry[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('the audit trail says when the server ran, whom it imported, and what "deskwire user" changed or was refused', async () => {
  const path = join(folder, 'trail.jsonl');
  const data = join(folder, 'data');
  const kasmFile = join(folder, 'kasmpasswd');
  writeFileSync(kasmFile, `kim:${sha256Crypt('password-of-kim', '$5$kasm$')}:w\n`, { mode: 0o600 });
  const server = await startDeskwire({
    data,
    flags: ['--audit-log', path, '--kasmpasswd', kasmFile, '--run', 'true', '--size', '320x200'],
  });
  const user = (...args: string[]) => {
    const options = { input: 'typed-password\n', encoding: 'utf8' } as const;
    return spawnSync(process.execPath, [CLI, 'user', ...args, '--data', data, '--audit-log', path], options);
  };
  try {
    assert.equal(user('add', 'fred', '--write').status, 0);
    assert.equal(user('add', 'fred').status, 1);
    assert.equal(user('remove', 'fred').status, 0);
    await waitFor('the server to see the removal', () =>
      linesOf(path).some(({ door, users }) => door === 'users' && users?.[0]?.removed),
    );
  } finally {
    await server.stop();
  }
  const lines = linesOf(path);
  assert.deepEqual(
    lines.filter(({ door }) => door === 'server').map(({ what }) => what),
    ['started', 'stopped'],
  );
  assert.deepEqual(lines[0]?.users, [{ user: 'kim', read: true, write: true, owner: false, password: true }]);
  const byCommand = lines.filter(({ door }) => door === 'cli');
  assert.deepEqual(
    byCommand.map(({ what, outcome, code }) => [what, outcome, code]),
    [
      ['user add', 'done', undefined],
      ['user add', 'refused', 'ACCOUNTS_USER_EXISTS'],
      ['user remove', 'done', undefined],
    ],
  );
  assert.ok(byCommand.every(({ user }) => user?.includes(`uid ${process.getuid?.()}`)));
  assert.deepEqual(byCommand[0]?.users, [
    { user: 'fred', password: true, read: false, write: true, owner: false },
  ]);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /typed-password|password-of-kim|correct horse/);
});

test('a server does not start with an audit trail that it cannot write', async () => {
  const path = join(folder, 'missing', 'trail.jsonl');
  await assert.rejects(startDeskwire({ flags: ['--audit-log', path, '--run', 'true'] }), /AUDIT_UNWRITABLE/);
});
