// The npm packages, Node.js 24 itself among them.

import { existsSync, readFileSync } from 'node:fs';
import { runStep, SetupError } from './progress.mjs';

/** The least Node.js that has all that the server uses; TypeScript as it is written among it. */
const LEAST_NODE = [24, 0];
const BUNDLED_NODE = `node_modules/node-linux-${process.arch}/bin/node`;

/** True where node_modules holds exactly what package-lock.json asks for on this kind of machine. */
export function npmPackagesAreFresh() {
  const wanted = readLock('package-lock.json');
  // npm writes this one last, so that a broken-off install never looks finished.
  const present = readLock('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const there = present[path];
    return there === undefined ? optional === true : there.version === version;
  });
}

export async function installNpmPackages() {
  // No package of ours needs its install script: binaries come inside packages. Development packages are needed
  // to build the page, whatever NODE_ENV says.
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

/** The Node.js that runs the product: the pinned one, or where npm has none for this machine, our own. */
export function findNode() {
  if (existsSync(BUNDLED_NODE)) return BUNDLED_NODE;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return process.execPath;
  throw new SetupError(
    `Node.js ${LEAST_NODE.join('.')} or newer is needed; this is ${process.version}, ` +
      `and npm has no Node.js for linux-${process.arch} to bring along.`,
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
