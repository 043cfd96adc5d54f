import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { canShareProcess, findUnitTests } from './unit-tests.ts';

const ROOT = dirname(import.meta.dirname);

test('a unit test that changes or measures its process has a process of its own', () => {
  for (const text of [
    'before(async () => {\n  await start();\n});',
    'beforeEach(() => queue.clear());',
    "mock.timers.enable({ apis: ['setTimeout'] });",
    'const tookMs = performance.now() - startedAt;',
    'for (; performance.now() < endMs; );',
    "process.env['A'] = 'b';",
    'process.env.HOME = folder;',
    'delete process.env.HOME;',
    'process.umask(0);',
    "process.emit('SIGHUP');",
    'const { rss } = process.memoryUsage();',
    "readdirSync('/proc/self/fd');",
    "import { writeHeapSnapshot } from 'node:v8';",
    "import { withSlack } from '../../test/support/limits.ts';",
  ]) {
    assert.equal(canShareProcess(text), false, text);
  }
});

test('unit tests that clean up behind themselves share a process', () => {
  for (const text of [
    "import { test } from 'node:test';",
    "import { spawn } from 'node:child_process';\nspawn(process.execPath, [], { env: { ...process.env } });",
    "const folder = mkdtempSync(join(tmpdir(), 'x-'));\nafter(() => rmSync(folder, { recursive: true }));",
    't.mock.timers.enable();',
    "t.mock.method(performance, 'now', () => 0);",
    'const watch = new Watch(performance.now());',
    "suite('rects', () => {\n  beforeEach(() => rects.clear());\n});",
    "t.skip(process.getuid?.() !== 0 ? 'needs root' : false);",
  ]) {
    assert.equal(canShareProcess(text), true, text);
  }
});

test('each unit test is in one process, most of them with others', () => {
  const { shared, alone } = findUnitTests(ROOT);
  const all = [...shared.flat(), ...alone];
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.every((file) => existsSync(join(ROOT, file))));
  assert.ok(shared.flat().includes('src/pixels/rect.test.ts'));
  assert.ok(alone.includes('src/common/process-memory.test.ts'));
  assert.ok(!all.includes('scripts/setup.test.ts'));
  const counts = shared.map((files) => files.length);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
  assert.ok(Math.min(...counts) > alone.length);
});
