import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeHeapSnapshot } from 'node:v8';
import { grownClasses, readHeapClasses } from './heap-classes.ts';

class Leaked {
  readonly a = 1;
  readonly b = 2;
}

const snapshot = () => {
  const path = join(tmpdir(), `deskwire-heap-${process.pid}.heapsnapshot`);
  try {
    return readHeapClasses(writeHeapSnapshot(path));
  } finally {
    rmSync(path, { force: true });
  }
};

test('a class with more objects than before is among those that have grown', () => {
  const before = snapshot();
  const kept = Array.from({ length: 20_000 }, () => new Leaked());
  const grown = grownClasses(before, snapshot(), 10);
  assert.ok(
    grown.some((line) => /^object Leaked: .* KiB in 20000 more$/.test(line)),
    grown.join('\n'),
  );
  assert.equal(kept.length, 20_000);
});
