// Makes a checkout ready to run: installs Debian and npm packages, builds the page and compiles the server's modules.
// Plain JavaScript, because it must run on Node.js 20 without node_modules. If nothing is missing it takes less than
// 150 ms. Run from the checkout's root: `node scripts/setup.mjs start|test|check|build|postgres`.

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { askForRoot, installDebian, wasInterrupted } from './setup/apt.mjs';
import { assertInstallable, missingDesktop, missingPackages } from './setup/debian.mjs';
import { compileModules, modulesAreFresh } from './setup/modules.mjs';
import { findNode, installNpmPackages, npmPackagesAreFresh } from './setup/npm.mjs';
import { buildPage, pageIsFresh } from './setup/page.mjs';
import { installPostgres } from './setup/postgres.mjs';
import { SetupError, say } from './setup/progress.mjs';

const LOCK = 'tmp/setup.lock';
/** Exit code of flock if another process has the lock. Setup itself never exits with it. */
const LOCK_IS_HELD = 75;

const purposes = {
  start: { debian: true, desktop: true, tests: false, builds: true },
  test: { debian: true, tests: true, builds: true },
  check: { debian: true, tests: true, builds: false },
  build: { debian: false, tests: false, builds: false },
  // For tests of a fleet's store, which ask for it. The rest is there, because they run.
  postgres: { debian: true, tests: false, stores: true, builds: false },
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
    (!purpose.debian || missingPackages(purpose.tests, purpose.stores).length === 0) &&
    (!purpose.desktop || (missingDesktop().length === 0 && !wasInterrupted())) &&
    npmPackagesAreFresh() &&
    (!purpose.builds || (pageIsFresh() && modulesAreFresh()))
  );
}

/**
 * Installs Debian's packages and npm's at the same time: each leaves a core or the network idle. npm begins first, and
 * reads certificate authorities when it begins: one of Debian's packages replaces /etc/ssl/certs, and on some machines
 * npm needs that as it is.
 */
async function setUp() {
  const missing = purpose.debian ? missingPackages(purpose.tests, purpose.stores) : [];
  const desktop = purpose.desktop ? missingDesktop() : [];
  const installs = missing.length + desktop.length > 0 || (purpose.desktop && wasInterrupted());
  if (installs) askForRoot();
  const lanes = [prepareModules()];
  if (installs) lanes.push(purpose.stores ? installPostgres() : installDebian(missing, desktop));
  // A lane that fails does not interrupt the other: half an installation has to be repaired.
  for (const { reason } of await Promise.allSettled(lanes)) if (reason !== undefined) throw reason;
}

async function prepareModules() {
  if (!npmPackagesAreFresh()) await installNpmPackages();
  if (purpose.builds && !pageIsFresh()) await buildPage();
  if (purpose.builds && !modulesAreFresh()) await compileModules();
}

/** Runs setup in a process with a lock, so that two starts at once do not disturb each other. */
async function setUpAlone() {
  const missing = purpose.debian ? missingPackages(purpose.tests, purpose.stores) : [];
  if (missing.length > 0) assertInstallable(missing);
  try {
    mkdirSync('tmp', { recursive: true });
  } catch (error) {
    throw new SetupError(`cannot write to ${process.cwd()}: ${error.message}`);
  }
  // --no-fork: the process with the lock does the work and gets the signals.
  const locked = ['--no-fork', LOCK, process.execPath, ...process.argv.slice(1), '--locked'];
  let exitCode = await runFlock(['--nonblock', '--conflict-exit-code', String(LOCK_IS_HELD), ...locked]);
  if (exitCode === LOCK_IS_HELD) {
    say('Another start is installing. Waiting for it');
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
