import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const ROOT = dirname(import.meta.dirname);

/** Lines of a file with this source in which the linter reports a floating promise. */
function floatingPromises(source: string): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-lint-'));
  try {
    // The linter's type checker and Node's types are found below the working folder.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const config = {
      extends: join(ROOT, 'tsconfig.base.json'),
      compilerOptions: { types: ['node'] },
      include: ['planted.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'planted.ts'), source);
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--format=unix', 'planted.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const reports = stdout.matchAll(/planted\.ts:(\d+):\d+: .*no-floating-promises/g);
    return [...reports].map(([, line]) => Number(line)).sort((a, b) => a - b);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the linter finds promises that are neither awaited nor marked with void', () => {
  const source = `import { readFile } from 'node:fs/promises';
class Later { run = (): Promise<unknown> => readFile('a'); }
async function later(): Promise<void> { await readFile('a'); }
later();
later().then(() => 1);
readFile('a');
new Later().run();
[1].map(later);`;
  assert.deepEqual(floatingPromises(source), [4, 5, 6, 7, 8]);
});

test('the linter lets through awaited promises, promises marked with void and tests', () => {
  const source = `import { readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
await readFile('a');
void readFile('b');
readFile('c').catch(() => undefined);
suite('some', () => { test('one', async () => {}); });`;
  assert.deepEqual(floatingPromises(source), []);
});
