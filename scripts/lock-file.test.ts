import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LOCKED_FOLDERS, type LockedPackages, readLockFiles } from './lock-files.ts';

const lockFiles = readLockFiles();

/** Folders in which npm looks for `name` from the package at `path`: its own node_modules, then those further out. */
function isLocked(packages: LockedPackages, path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

// npm leaves optional packages of other platforms out of the lock file if its registry lacks them. `npm ci` then
// refuses the whole file.
test('the lock file has every package that one of its packages depends on', () => {
  const missing = lockFiles.flatMap((packages) =>
    Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !isLocked(packages, path, name))
        .map((name) => `${name}, for ${path}`),
    ),
  );
  assert.deepEqual(missing, []);
});

// Setup installs with --ignore-scripts. For a plain `npm install`, npm has the list in package.json.
test('each locked package with an install script is listed in allowScripts, and none of them may run it', () => {
  const { allowScripts } = JSON.parse(readFileSync(join(LOCKED_FOLDERS[0]!, 'package.json'), 'utf8')) as {
    allowScripts: Record<string, boolean>;
  };
  const withScript = lockFiles
    .flatMap((packages) => Object.entries(packages))
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  assert.deepEqual(Object.keys(allowScripts).sort(), withScript.sort());
  // A package that needs its script must also be rebuilt in scripts/setup/npm.mjs.
  assert.deepEqual(
    Object.entries(allowScripts).filter(([, mayRun]) => mayRun),
    [],
  );
});
