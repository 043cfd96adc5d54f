import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeFileAtomically } from './write-file-atomically.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('an atomic write replaces the file and gives it the permissions asked for', async (t) => {
  const folder = newFolder(t);
  const path = join(folder, 'a');
  await writeFileAtomically(path, 'one');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await writeFileAtomically(path, 'two', { mode: 0o644 });
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.equal(readFileSync(path, 'utf8'), 'two');
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('an atomic write that is refused at the last moment leaves the old file and nothing else', async (t) => {
  const folder = newFolder(t);
  const path = join(folder, 'a');
  writeFileSync(path, 'old');
  const refuse = () => {
    assert.equal(readdirSync(folder).length, 2);
    throw new RangeError('no');
  };
  await assert.rejects(writeFileAtomically(path, 'new', { beforeRename: refuse }), RangeError);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('atomic writes at the same time leave one of their texts', async (t) => {
  const folder = newFolder(t);
  const path = join(folder, 'a');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
  assert.ok(texts.includes(readFileSync(path, 'utf8')));
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('an atomic write removes what a writer that died left there, and no fresh file of another writer', async (t) => {
  const folder = newFolder(t);
  for (const name of ['a.dead.new', 'a.alive.new', 'b.dead.new']) writeFileSync(join(folder, name), '');
  for (const name of ['a.dead.new', 'b.dead.new']) utimesSync(join(folder, name), 0, 0);
  await writeFileAtomically(join(folder, 'a'), 'text');
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'a.alive.new', 'b.dead.new']);
});
