import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { oversized } from './sizes.ts';

/** Breaches in a project that holds just these files. */
function oversizedOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'deskwire-sizes-'));
  try {
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), source);
    }
    return oversized(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const letters = (count: number): string[] => Array.from({ length: count }, (_, i) => `C${i}`);

/** A file of `count` classes, and a class in another file whose body names all of them. */
function hub(count: number, { comment = false, asType = false } = {}): Record<string, string> {
  const names = letters(count);
  const members = names
    .map((name, i) => (asType ? `  a${i}?: ${name};` : `  a${i} = new ${name}();`))
    .join('\n');
  const list = names.map((name) => (asType ? `type ${name}` : name)).join(', ');
  return {
    'src/x/parts.ts': names.map((name) => `export class ${name} {}`).join('\n'),
    'src/x/hub.ts': `import { ${list} } from './parts.ts';\nexport class Hub {\n${comment ? `/*\n${members}\n*/` : members}\n}\n`,
  };
}

test('a file of 400 lines passes the size check and a file of 401 lines fails', () => {
  assert.deepEqual(oversizedOf({ 'src/x/a.ts': 'a();\n'.repeat(400), 'docs/a.md': 'a\n'.repeat(900) }), []);
  for (const path of ['src/x/a.ts', 'test/a.test.ts', 'scripts/a.mjs', 'src/client/a.css']) {
    assert.deepEqual(oversizedOf({ [path]: 'a();\n'.repeat(401) }), [
      `${path}: has 401 lines; the limit is 400`,
    ]);
  }
});

test('a class that refers to 12 other classes passes the size check', () => {
  assert.deepEqual(oversizedOf(hub(12)), []);
});

test('a class that refers to 13 other classes fails, whether it makes them or takes their types', () => {
  for (const asType of [false, true]) {
    const [breach = '', ...rest] = oversizedOf(hub(13, { asType }));
    assert.match(breach, /^src\/x\/hub\.ts: Hub refers to 13 classes \(C0, C1, .*\); the limit is 12$/);
    assert.deepEqual(rest, []);
  }
});

test('the size check counts a class under the name it is imported as', () => {
  const files = hub(13);
  files['src/x/hub.ts'] = files['src/x/hub.ts']!.replace('C0,', 'C0 as Zero,').replace(
    'new C0(',
    'new Zero(',
  );
  assert.match(oversizedOf(files)[0] ?? '', /refers to 13 classes/);
});

test('the size check counts neither comments nor names that belong to no class', () => {
  assert.deepEqual(oversizedOf(hub(13, { comment: true })), []);
  const files = hub(13);
  files['src/x/parts.ts'] = files['src/x/parts.ts']!.replaceAll('export class', 'export interface');
  assert.deepEqual(oversizedOf(files), []);
});

test('the size check looks at each class of a file alone', () => {
  const files = hub(10);
  files['src/x/hub.ts'] += `${letters(10)
    .map((name) => `class D${name} {}`)
    .join('\n')}\nclass Second {\n${letters(10)
    .map((name) => `  x${name} = new D${name}();`)
    .join('\n')}\n}\n`;
  assert.deepEqual(oversizedOf(files), []);
});
