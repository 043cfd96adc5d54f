import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isSafePlace, removeStaleDirs } from './stale-dirs.ts';

const NAMESPACE = '7';
/** Larger than any process id of Linux. */
const DEAD = 2 ** 22 + 1;

function newPlace(t: TestContext): string {
  const place = mkdtempSync(join(tmpdir(), 'deskwire-place-'));
  t.after(() => rmSync(place, { recursive: true }));
  return place;
}

/** Makes a folder as a server leaves it. */
function leftDir(place: string, name: string): string {
  const dir = join(place, name);
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'xvfb.pid'), String(DEAD));
  return dir;
}

test('only folders of ended servers of the same namespace of process ids are removed', (t) => {
  const place = newPlace(t);
  leftDir(place, `deskwire-${NAMESPACE}-${DEAD}-a`);
  const others = [`deskwire-8-${DEAD}-a`, `deskwire-${NAMESPACE}-${process.pid}-a`, 'other'];
  for (const name of others) leftDir(place, name);
  removeStaleDirs(place, NAMESPACE);
  assert.deepEqual(readdirSync(place).sort(), others.sort());
});

test('what links in a left folder point to is not removed', (t) => {
  const place = newPlace(t);
  const precious = join(place, 'precious');
  mkdirSync(precious);
  writeFileSync(join(precious, 'file'), '');
  const dir = leftDir(place, `deskwire-${NAMESPACE}-${DEAD}-a`);
  mkdirSync(join(dir, 'inner'), { mode: 0o700 });
  symlinkSync(precious, join(dir, 'inner', 'link'));
  symlinkSync(precious, join(place, `deskwire-${NAMESPACE}-${DEAD}-b`));
  removeStaleDirs(place, NAMESPACE);
  assert.ok(!existsSync(dir));
  assert.deepEqual(readdirSync(precious), ['file']);
});

test('a FIFO under a name that is read does not stop the start', (t) => {
  const place = newPlace(t);
  const names = ['a', 'b'].map((end) => `deskwire-${NAMESPACE}-${DEAD}-${end}`);
  execFileSync('mkfifo', [join(place, names[0]!)]);
  const dir = join(place, names[1]!);
  mkdirSync(dir, { mode: 0o700 });
  execFileSync('mkfifo', [join(dir, 'xvfb.pid')]);
  removeStaleDirs(place, NAMESPACE);
  assert.deepEqual(readdirSync(place), [names[0]]);
});

test('a folder in which others may write is left as it is', (t) => {
  const place = newPlace(t);
  const dir = leftDir(place, `deskwire-${NAMESPACE}-${DEAD}-a`);
  chmodSync(dir, 0o777);
  const holder = leftDir(place, `deskwire-${NAMESPACE}-${DEAD}-b`);
  const inner = leftDir(holder, 'inner');
  chmodSync(inner, 0o777);
  removeStaleDirs(place, NAMESPACE);
  assert.deepEqual(readdirSync(dir), ['xvfb.pid']);
  assert.deepEqual(readdirSync(inner), ['xvfb.pid']);
});

test('a folder of another user is left as it is', { skip: process.getuid?.() !== 0 && 'needs root' }, (t) => {
  const place = newPlace(t);
  const dir = leftDir(place, `deskwire-${NAMESPACE}-${DEAD}-a`);
  chownSync(dir, 65534, 65534);
  removeStaleDirs(place, NAMESPACE);
  assert.deepEqual(readdirSync(dir), ['xvfb.pid']);
});

test('a place in which other users may replace our files is not safe', (t) => {
  const place = newPlace(t);
  for (const [mode, isSafe] of [
    [0o700, true],
    [0o755, true],
    [0o1777, true],
    [0o777, false],
    [0o775, false],
  ] as const) {
    chmodSync(place, mode);
    assert.equal(isSafePlace(place), isSafe, mode.toString(8));
  }
});
