import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { FLOORS, HALLS } from '../../scripts/walls.ts';

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

/** Cells of each row of the page's tables that has `columns` of them. */
function tableRows(page: string, columns: number): string[][] {
  const rows = read(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(1, -1).split('|'));
  return rows.filter((cells) => cells.length === columns).map((cells) => cells.map((cell) => cell.trim()));
}

test('docs/architecture.md puts each room on the floor that scripts/walls.ts gives it', () => {
  const onPage = tableRows(MAP, 3).flatMap(([floor, room]) =>
    /^\d+$/.test(floor!) ? [`${floor} ${room!.replaceAll('`', '')}`] : [],
  );
  const inCode = FLOORS.flatMap((rooms, i) =>
    rooms.map((room) => `${FLOORS.length - 1 - i} src/${room}${room.endsWith('.ts') ? '' : '/'}`),
  );
  assert.deepEqual(onPage.sort(), inCode.sort());
});

test('docs/architecture.md lists the imports between inner rooms that scripts/walls.ts allows', () => {
  const inCode = Object.entries(HALLS).flatMap(([hall, rooms]) =>
    Object.entries(rooms).map(
      ([room, allowed]) =>
        `${hall}/${room}/: ${allowed.map((to) => (to.endsWith('.ts') ? `${hall}/${to}` : to)).join(', ')}`,
    ),
  );
  const onPage = tableRows(MAP, 3).flatMap(([room, , allowed]) => {
    const names = allowed!.replaceAll('`', '').replace(/^-$/, '');
    return room!.startsWith('`') ? [`${room!.replaceAll('`', '')}: ${names}`] : [];
  });
  assert.deepEqual(onPage.sort(), inCode.sort());
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
