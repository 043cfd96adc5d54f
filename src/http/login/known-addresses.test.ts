import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KnownAddressFile } from './known-address-file.ts';
import { KnownAddresses } from './known-addresses.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-known-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'known-addresses.json');
  const problems: unknown[] = [];
  const open = (nowMs = () => performance.now()) =>
    new KnownAddresses(nowMs, new KnownAddressFile(path, (problem) => problems.push(problem)));
  return { path, problems, open };
}

test('an address is known to the next server on the same folder, for its user only', async (t) => {
  const { path, problems, open } = setUp(t);
  const first = open();
  first.add('ada', '192.0.2.1');
  first.add('ada', '2001:db8:1:2::/64');
  first.add('eve', '192.0.2.1');
  first.forget(new Set(['eve']));
  await first.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const next = open();
  assert.ok(next.has('ada', '192.0.2.1') && next.has('ada', '2001:db8:1:2::/64'));
  assert.ok(!next.has('eve', '192.0.2.1') && !next.has('ada', '192.0.2.2'));
  await next.close();
  assert.deepEqual(problems, []);
});

test('an address is known for 30 days after the last login, also over a restart', async (t) => {
  const { open } = setUp(t);
  const first = open(() => 0);
  first.add('ada', '192.0.2.1');
  await first.close();
  let nowMs = 1_000_000;
  const next = open(() => nowMs);
  nowMs += 30 * DAY_MS - 60_000;
  assert.ok(next.has('ada', '192.0.2.1'));
  nowMs += 120_000;
  assert.ok(!next.has('ada', '192.0.2.1'));
});

test('the file has the newest 1,000 addresses, and is not written when nothing has changed', async (t) => {
  const { path, open } = setUp(t);
  const first = open(() => 0);
  for (let i = 0; i < 1_500; i++) first.add(`user${i}`, '192.0.2.1');
  await first.close();
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).length, 1_000);
  const next = open(() => 0);
  assert.ok(next.has('user1499', '192.0.2.1') && !next.has('user499', '192.0.2.1'));
  rmSync(path);
  next.add('user1499', '192.0.2.1');
  await next.close();
  assert.throws(() => statSync(path), { code: 'ENOENT' });
});

test('without a usable file, addresses are known until the end, and one problem is reported', async (t) => {
  const { path, problems, open } = setUp(t);
  for (const text of ['{', '{}', '[["ada"]]', '[["a:b","192.0.2.1",1]]', '[["ada","192.0.2.1",null]]']) {
    problems.length = 0;
    writeFileSync(path, text);
    const known = open();
    known.add('ada', '192.0.2.1');
    assert.ok(known.has('ada', '192.0.2.1'));
    await known.close();
    assert.equal(problems.length, 1, text);
    assert.ok(open().has('ada', '192.0.2.1'), 'it was replaced');
  }
  problems.length = 0;
  rmSync(path);
  mkdirSync(join(path, 'in the way'), { recursive: true });
  const known = open();
  known.add('ada', '192.0.2.1');
  await known.close();
  assert.ok(known.has('ada', '192.0.2.1'));
  assert.equal(problems.length, 1);
});
