import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { preparedTest } from '../../test/support/prepared-test.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { AuditFile, faultOf, MAX_FILE_BYTES, MAX_WAITING_BYTES } from './audit-file.ts';
import { AuditError } from './errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-audit-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
let path = '';
let problems: unknown[] = [];
const test = preparedTest(() => {
  path = join(folder, `trail${count++}.jsonl`);
  problems = [];
});

const openFile = (): AuditFile =>
  new AuditFile({ path, onProblem: (error) => problems.push(error), retryMs: 10 });
const has = (file: string, text: string): boolean => existsSync(file) && readFileSync(file, 'utf8') === text;

test('lines are appended in order to a file that only its owner may read', async () => {
  writeFileSync(path, 'before\n', { mode: 0o600 });
  const file = openFile();
  for (let i = 0; i < 1000; i++) file.append(`line ${i}\n`);
  await file.close();
  const expected = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('');
  assert.equal(readFileSync(path, 'utf8'), `before\n${expected}`);
  rmSync(path);
  const other = openFile();
  other.append('one\n');
  await other.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(other.append('late\n'), false);
});

test('after the file was renamed, lines go to a new file of its name', async () => {
  const file = openFile();
  file.append('one\n');
  await waitFor('the first line', () => has(path, 'one\n'));
  renameSync(path, `${path}.old`);
  file.append('two\n');
  await waitFor('the second line', () => has(path, 'two\n'));
  assert.equal(readFileSync(`${path}.old`, 'utf8'), 'one\n');
  await file.close();
});

test('after the file was copied and truncated, lines go to its start', async () => {
  const file = openFile();
  file.append('one\n');
  await waitFor('the first line', () => has(path, 'one\n'));
  truncateSync(path);
  file.append('two\n');
  await waitFor('the second line', () => has(path, 'two\n'));
  await file.close();
});

test('a file that has grown to its limit is moved aside, over the one before', async () => {
  writeFileSync(path, '');
  writeFileSync(`${path}.old`, 'an older one');
  writeFileSync(`${path}.1`, 'the last week, by logrotate');
  truncateSync(path, MAX_FILE_BYTES);
  const file = openFile();
  file.append('new\n');
  await file.close();
  assert.equal(readFileSync(path, 'utf8'), 'new\n');
  assert.equal(statSync(`${path}.old`).size, MAX_FILE_BYTES);
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'the last week, by logrotate');
  rmSync(`${path}.old`);
});

test('a file at its limit that cannot be moved aside is appended to, and this is reported once', async () => {
  writeFileSync(path, '', { mode: 0o600 });
  truncateSync(path, MAX_FILE_BYTES);
  mkdirSync(`${path}.old`);
  const file = openFile();
  file.append('one\n');
  await waitFor('the first line', () => statSync(path).size === MAX_FILE_BYTES + 4);
  file.append('two\n');
  await file.close();
  assert.equal(statSync(path).size, MAX_FILE_BYTES + 8);
  assert.equal(problems.length, 1);
  rmSync(path);
});

test('while the file cannot be written, lines wait up to the limit, and are written later', async () => {
  mkdirSync(path);
  const file = openFile();
  const line = `${'x'.repeat(64 * 1024 - 1)}\n`;
  const room = MAX_WAITING_BYTES / line.length;
  let taken = 0;
  while (file.append(line)) taken += 1;
  assert.equal(taken, room);
  await waitFor('the problem', () => problems.length > 0);
  rmdirSync(path);
  await waitFor('the lines', () => existsSync(path) && statSync(path).size === MAX_WAITING_BYTES);
  await waitFor('room for more', () => file.append('more\n'));
  await file.close();
  assert.equal(statSync(path).size, MAX_WAITING_BYTES + 5);
  assert.equal(problems.length, 1, 'it is reported once');
});

test('a link, a file with two names, a folder and a FIFO are refused as the file of the audit trail, and /dev/null is not', async () => {
  const target = join(folder, 'target');
  writeFileSync(target, '');
  symlinkSync(target, path);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const twin = join(folder, 'twin');
  writeFileSync(twin, '', { mode: 0o600 });
  linkSync(twin, join(folder, 'other name of the twin'));
  for (const wrong of [path, twin, folder, pipe, join(folder, 'missing', 'file')]) {
    const file = new AuditFile({ path: wrong, onProblem: () => undefined });
    await assert.rejects(
      file.check(),
      (error) => error instanceof AuditError && error.code === 'AUDIT_UNWRITABLE',
    );
    await file.close();
  }
  const nothing = new AuditFile({ path: '/dev/null', onProblem: (error) => problems.push(error) });
  await nothing.check();
  nothing.append('gone\n');
  await nothing.close();
  assert.deepEqual(problems, []);
});

test('a file that another user owns or can write is refused as the file of the audit trail', () => {
  const [root, us, other] = [0, 1000, 1001];
  const file = { uid: us, mode: 0o100600, nlink: 1, size: 0, isFile: () => true };
  for (const [given, folderUid, ourUid, isUsed] of [
    [file, us, us, true],
    [{ ...file, mode: 0o100640 }, us, us, true],
    [{ ...file, mode: 0o100660 }, us, us, false],
    [{ ...file, mode: 0o100602 }, us, us, false],
    [{ ...file, uid: root }, us, us, true],
    [{ ...file, uid: other }, us, us, false],
    [{ ...file, uid: other }, other, us, false],
    // "deskwire user", run by root for the server of another user.
    [file, us, root, true],
    [{ ...file, uid: other }, us, root, false],
    [{ ...file, nlink: 2 }, us, us, false],
    [{ ...file, isFile: () => false }, us, us, false],
  ] as const) {
    const fault = faultOf(given, { uid: folderUid }, ourUid);
    assert.equal(fault === undefined, isUsed, `${JSON.stringify(given)} ${folderUid} ${ourUid}: ${fault}`);
  }
});
