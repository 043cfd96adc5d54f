import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { canShareProcess, findUnitTests } from './unit-tests.ts';

const ROOT = dirname(import.meta.dirname);

test('a unit test that starts, serves, writes, mocks or measures something has a process of its own', () => {
  for (const text of [
    "import { spawn } from 'node:child_process';",
    "import { createServer } from 'node:http';",
    "import { Worker } from 'node:worker_threads';",
    "import { setTimeout as delay } from 'node:timers/promises';",
    "mkdtempSync(join(tmpdir(), 'x-'));",
    'mock.timers.enable();',
    'beforeEach(() => queue.clear());',
    'const startedAt = performance.now();',
    "process.env['A'] = 'b';",
    "import { withSlack } from '../../test/support/limits.ts';",
  ]) {
    assert.equal(canShareProcess(text), false, text);
  }
});

test('unit tests of pure code share a process', () => {
  assert.ok(canShareProcess("import { test } from 'node:test';\nimport { readFileSync } from 'node:fs';"));
  const { together, alone } = findUnitTests(ROOT);
  assert.ok(together.includes('src/pixels/rect.test.ts'));
  assert.ok(alone.includes('scripts/setup.test.ts'));
  assert.ok(together.length > alone.length);
  assert.ok([...together, ...alone].every((file) => existsSync(join(ROOT, file))));
});
