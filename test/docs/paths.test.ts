import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const MAP = 'docs/architecture.md';

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const exists = (path: string): boolean => existsSync(join(ROOT, path));

/** Text of each code span, such as `src/main.ts`; fenced blocks are left out. */
function codeSpans(page: string): string[] {
  const prose = read(page).replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
}

test('every path that docs/architecture.md names exists', () => {
  const paths = codeSpans(MAP).filter((span) => /^(src|bin|scripts|test|bench|docs)\//.test(span));
  assert.ok(paths.length > 50, 'the page names its files by their path from the root');
  assert.deepEqual(
    paths.filter((path) => !exists(path)),
    [],
  );
});

test('docs/architecture.md names source files only by their path from the root', () => {
  const files = codeSpans(MAP).filter((span) => /^[\w./-]+\.(ts|mjs|sh)$/.test(span));
  assert.deepEqual(
    files.filter((file) => !file.includes('/') || !exists(file)),
    [],
  );
});

test('docs/architecture.md names every room of src', () => {
  const rooms = globSync('src/{*,*/*,desktop/x11/*}/', { cwd: ROOT }).map((room) => `${normalize(room)}/`);
  const named = new Set(codeSpans(MAP));
  assert.ok(rooms.length > 30);
  assert.deepEqual(
    rooms.map((room) => room.replace(/\/+$/, '/')).filter((room) => !named.has(room)),
    [],
  );
});

test('every relative link in the Markdown pages leads to a file or folder', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'bench/**/*.md'], { cwd: ROOT });
  assert.ok(pages.length > 10);
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      const path = target!.replace(/#.*$/, '');
      if (path === '' || /^[a-z]+:/.test(path)) continue;
      if (!exists(join(dirname(page), path))) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});
