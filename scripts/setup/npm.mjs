// Finds and installs missing npm packages, including Node.js 24.

import { existsSync, readFileSync } from 'node:fs';
import { runStep, SetupError } from './progress.mjs';

/** Oldest Node.js that runs the server, including TypeScript without a compiler. */
const LEAST_NODE = [24, 0];
const BUNDLED_NODE = `node_modules/node-linux-${process.arch}/bin/node`;

/** Whether node_modules has the packages of package-lock.json for this kind of machine. */
export function npmPackagesAreFresh() {
  const wanted = readLock('package-lock.json');
  // npm writes this file last, so that an interrupted install does not look complete.
  const present = readLock('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const there = present[path];
    return there === undefined ? optional === true : there.version === version;
  });
}

export async function installNpmPackages() {
  // No package needs its install script, because binaries are in the packages: "allowScripts" in package.json names
  // those that have one. Building the page needs development
  // packages, also with NODE_ENV=production.
  const args = [
    'ci',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
  ];
  await runStep('npm packages', 'npm', args);
}

/** Returns the Node.js that runs the server: the one in node_modules, or this one if npm has none for the machine. */
export function findNode() {
  if (existsSync(BUNDLED_NODE)) return BUNDLED_NODE;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return process.execPath;
  throw new SetupError(
    `Node.js ${LEAST_NODE.join('.')} or newer is needed; this is ${process.version}, ` +
      `and npm has no Node.js for linux-${process.arch}.`,
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
