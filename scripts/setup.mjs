// Brings a checkout to where it can run: Debian packages, npm packages, the page. Plain JavaScript for plain
// Node.js 20 without node_modules, because that is all a newcomer has. With everything in place it only looks,
// in well under 150 ms. Run from the checkout's root: `node scripts/setup.mjs start|test|check|build`.

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { assertInstallable, installPackages, missingPackages } from './setup/debian.mjs';
import { findNode, installNpmPackages, npmPackagesAreFresh } from './setup/npm.mjs';
import { buildPage, pageIsFresh } from './setup/page.mjs';
import { SetupError, say } from './setup/progress.mjs';

const LOCK = 'tmp/setup.lock';
/** What flock exits with where somebody else holds the lock; any number that our own exits do not use. */
const LOCK_IS_HELD = 75;

const purposes = {
  start: { debian: true, tests: false, page: true },
  test: { debian: true, tests: true, page: true },
  check: { debian: true, tests: true, page: false },
  build: { debian: false, tests: false, page: false },
};

const purpose = purposes[process.argv[2]];
const holdsLock = process.argv[3] === '--locked';

try {
  if (purpose === undefined) throw new SetupError(`usage: setup.mjs ${Object.keys(purposes).join('|')}`);
  if (!isReady()) {
    if (holdsLock) await setUp();
    else await setUpAlone();
  }
  findNode();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

function isReady() {
  return (
    (!purpose.debian || missingPackages(purpose.tests).length === 0) &&
    npmPackagesAreFresh() &&
    (!purpose.page || pageIsFresh())
  );
}

async function setUp() {
  const missing = purpose.debian ? missingPackages(purpose.tests) : [];
  if (missing.length > 0) await installPackages(missing);
  if (!npmPackagesAreFresh()) await installNpmPackages();
  if (purpose.page && !pageIsFresh()) await buildPage();
}

/** Does it under a lock, in a process of its own, so that two starts at once do not write over each other. */
async function setUpAlone() {
  const missing = purpose.debian ? missingPackages(purpose.tests) : [];
  if (missing.length > 0) assertInstallable(missing);
  try {
    mkdirSync('tmp', { recursive: true });
  } catch (error) {
    throw new SetupError(`cannot write to ${process.cwd()}: ${error.message}`);
  }
  // --no-fork: the process that holds the lock is the one that does the work and gets our signals.
  const locked = ['--no-fork', LOCK, process.execPath, ...process.argv.slice(1), '--locked'];
  let exitCode = await runFlock(['--nonblock', '--conflict-exit-code', String(LOCK_IS_HELD), ...locked]);
  if (exitCode === LOCK_IS_HELD) {
    say('another start is setting up; waiting for it');
    exitCode = await runFlock(locked);
  }
  if (exitCode !== 0) process.exit(exitCode);
}

function runFlock(args) {
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const child = spawn('flock', args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new SetupError(`flock (Debian package util-linux): ${error.message}`)),
    );
    child.once('close', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}
