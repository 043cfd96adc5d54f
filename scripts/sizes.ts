/** Finds files that are too long and classes that refer to too many other classes. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { blankComments } from './walls.ts';

/** Lines. A larger limit hides a second job in a file; a smaller one splits files that have one job. */
const MAX_LINES = 400;

/** Other classes. A larger limit lets one class wire up everything; a smaller one needs classes that only pass on. */
const MAX_CLASSES = 12;

/** Code and the page's markup and styles. The limit is not for documents. */
const MEASURED = '{bin,src,test,bench,scripts}/**/*.{ts,mjs,sh,css,html}';

interface SourceFile {
  readonly path: string;
  readonly code: string;
  /** Source text of each class by its name. */
  readonly classes: ReadonlyMap<string, string>;
}

/** Lists each breach under `root` as `file: what is wrong`. */
export function oversized(root: string): string[] {
  const paths = globSync(MEASURED, { cwd: root }).sort();
  const sources = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const found: string[] = [];
  for (const [path, source] of sources) {
    const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
    if (lines > MAX_LINES) found.push(`${path}: has ${lines} lines; the limit is ${MAX_LINES}`);
  }
  return [...found, ...crowdedClasses(sources)];
}

function crowdedClasses(sources: ReadonlyMap<string, string>): string[] {
  const files = new Map<string, SourceFile>();
  for (const [path, source] of sources) {
    if (!path.startsWith('src/') || !path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
    const code = blankComments(source);
    files.set(path, { path, code, classes: classesOf(code) });
  }
  const found: string[] = [];
  for (const file of files.values()) {
    const known = classesInScope(file, files);
    for (const [name, body] of file.classes) {
      const words = new Set(body.match(/\b[A-Z]\w*/g));
      const others = [...known].filter((other) => other !== name && words.has(other));
      if (others.length <= MAX_CLASSES) continue;
      const list = others.sort().join(', ');
      found.push(
        `${file.path}: ${name} refers to ${others.length} classes (${list}); the limit is ${MAX_CLASSES}`,
      );
    }
  }
  return found;
}

/** Cuts a file into its classes. A class ends where the next top-level statement begins. */
function classesOf(code: string): Map<string, string> {
  const classes = new Map<string, string>();
  for (const part of code.split(/^(?=\S)/m)) {
    const name = /^(?:export )?(?:default )?(?:abstract )?class (\w+)/.exec(part)?.[1];
    if (name !== undefined) classes.set(name, part);
  }
  return classes;
}

/** The names of the classes that a file declares or imports. Includes classes that it imports as types. */
function classesInScope(file: SourceFile, files: ReadonlyMap<string, SourceFile>): Set<string> {
  const names = new Set(file.classes.keys());
  const imports = /^import\b([^'"`;]*?)\bfrom\s*['"](\.[^'"]+)['"]/gm;
  for (const [, clause = '', specifier = ''] of file.code.matchAll(imports)) {
    const target = files.get(normalize(join(dirname(file.path), specifier)));
    for (const [, name = '', alias] of clause.matchAll(/(\w+)(?:\s+as\s+(\w+))?/g)) {
      if (target?.classes.has(name)) names.add(alias ?? name);
    }
  }
  return names;
}

if (import.meta.main) {
  const found = oversized(dirname(import.meta.dirname));
  for (const line of found) console.log(line);
  process.exitCode = found.length === 0 ? 0 : 1;
}
