import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const read = (file: string) => JSON.parse(readFileSync(join(dirname(import.meta.dirname), file), 'utf8'));

const lock: { packages: Record<string, LockedPackage> } = read('package-lock.json');

/** Folders in which npm looks for `name` from the package at `path`: its own node_modules, then those further out. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (folder === '') return false;
  }
}

// npm leaves optional packages of other platforms out of the lock file if its registry lacks them. `npm ci` then
// refuses the whole file.
test('the lock file has every package that one of its packages depends on', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(path, name))
      .map((name) => `${name}, for ${path}`),
  );
  assert.deepEqual(missing, []);
});

// Setup installs with --ignore-scripts. For a plain `npm install`, npm has the list in package.json.
test('each locked package with an install script is listed in allowScripts, and none of them may run it', () => {
  const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
  const withScript = Object.entries(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  assert.deepEqual(Object.keys(allowScripts).sort(), withScript.sort());
  // A package that needs its script must also be rebuilt in scripts/setup/npm.mjs.
  assert.deepEqual(
    Object.entries(allowScripts).filter(([, mayRun]) => mayRun),
    [],
  );
});
