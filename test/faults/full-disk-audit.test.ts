import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AuditFile } from '../../src/audit/audit-file.ts';
import { waitFor } from '../support/wait-for.ts';

const DISK_KIB = 64;
/** Longer than half a page, so that the disk takes a part of some line before it is full. */
const LINE_BYTES = 3000;

let folder: string;
let whyNot: string | undefined;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-audit-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_KIB}k,mode=700`, 'tmpfs', folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    whyNot = `mount: ${(error as { stderr?: Buffer }).stderr?.toString().trim() ?? error}`;
  }
});
after(() => {
  if (whyNot === undefined) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

const lineOf = (i: number): string => `${i} `.padEnd(LINE_BYTES - 1, 'x');

test('lines of the audit trail that a full disk refused are written whole when it has room again', async (t) => {
  if (whyNot !== undefined) return t.skip(whyNot);
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc((DISK_KIB / 2) * 1024));
  const path = join(folder, 'audit.jsonl');
  const problems: { code?: string }[] = [];
  const onProblem = (error: unknown) => problems.push(error as { code?: string });
  const file = new AuditFile({ path, onProblem, retryMs: 10 });
  const count = 15;
  for (let i = 0; i < count; i++) {
    file.append(`${lineOf(i)}\n`);
    const isWritten = () => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= (i + 1) * LINE_BYTES;
    await waitFor('the write', () => problems.length > 0 || isWritten());
  }
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ENOSPC'],
  );
  rmSync(filler);
  await file.close();
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const whole = lines.filter((line) => line.length === LINE_BYTES - 1);
  assert.deepEqual(
    whole,
    Array.from({ length: count }, (_, i) => lineOf(i)),
  );
  assert.ok(lines.length <= count + 1, 'a part of one line may stay, on a line of its own');
});
