// Installs Debian packages.

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isHere } from './is-here.mjs';
import { outputOf, runStep, say } from './progress.mjs';

/** File that is there if the packages of the desktop could not be installed. */
const DESKTOP_FAILED = 'tmp/desktop-packages-failed';
/** Names of packages that are being installed and not yet known to be on the disk. */
const UNFINISHED = 'tmp/debian-packages-unfinished';

export const desktopHasFailed = () => existsSync(DESKTOP_FAILED);

/** Whether the machine has gone down while packages were installed. */
export const wasInterrupted = () => existsSync(UNFINISHED);

/** Whether setup can install packages here, now or after a question for the password. */
export const mayInstall = () => isHere('apt-get') && rootPrefix() !== undefined;

/** Has sudo ask for the password, if it needs one, before other steps print to the terminal. */
export function askForRoot() {
  if (rootPrefix()?.asks) spawnSync('sudo', ['-v'], { stdio: 'inherit' });
}

/** Installs the packages `needed`, and those of the desktop, without which a start goes on. */
export async function installDebian(needed, desktop) {
  const packages = [...needed, ...desktop];
  if (wasInterrupted()) await repair();
  if (packages.length === 0) return;
  const isDownloaded = await download(packages);
  try {
    // All at once is quicker: dpkg's triggers, such as the cache of fonts, run once.
    if (isDownloaded) return await installOnce(packages, '--no-download');
  } catch {
    say('Trying again');
  } finally {
    await finish();
  }
  if (needed.length > 0) await install(needed);
  if (desktop.length === 0) return;
  // Not tried at the next start: a network that does not answer delays only this one.
  writeFileSync(DESKTOP_FAILED, '');
  say(`The desktop will have no panel. To install it: apt-get install ${desktop.join(' ')}`);
}

/** Waits until all that was installed is on the disk. */
async function finish() {
  if (!wasInterrupted()) return;
  await runStep('Disk', 'sync');
  rmSync(UNFINISHED, { force: true });
}

/** Installs again what may not have reached the disk. */
async function repair() {
  const packages = readFileSync(UNFINISHED, 'utf8').split('\n').filter(Boolean);
  try {
    await configure();
    await aptGet('Interrupted Debian packages', 'install', '--reinstall', ...OPTIONS, ...packages);
  } catch {
    say('Debian packages may be incomplete');
  }
  await finish();
}

/** Downloads packages. Resolves with whether that was possible. */
async function download(packages) {
  const fetch = () =>
    aptGet('Download of Debian packages', 'install', '--download-only', ...OPTIONS, ...packages);
  try {
    if (!hasPackageLists()) await updateLists();
    await fetch().catch(async () => {
      // Old lists have versions that the mirror no longer has.
      await updateLists();
      await fetch();
    });
    return true;
  } catch {
    return false;
  }
}

async function install(packages) {
  try {
    await installOnce(packages);
  } catch {
    // Old package lists have versions that the mirror no longer has, and an interrupted install leaves packages half
    // configured. Repairs both, once.
    say('Trying again with new package lists');
    await configure();
    await updateLists();
    await installOnce(packages);
  } finally {
    await finish();
  }
}

/**
 * Installs packages. dpkg waits for the disk after each file, which takes most of the time. If no package of the system
 * is replaced, it does not: `finish` waits once, and a machine that goes down before that loses only new packages, which
 * the next start installs again.
 */
async function installOnce(packages, ...options) {
  const plan = await planOf(packages);
  const isNew = plan !== undefined && !plan.replaces;
  if (isNew) writeFileSync(UNFINISHED, `${plan.names.join('\n')}\n`, { flush: true });
  const writing = isNew ? ['-o', 'DPkg::Options::=--force-unsafe-io'] : [];
  await aptGet(
    `Debian packages: ${packages.join(' ')}`,
    ...['install', ...OPTIONS, ...writing, ...options, ...packages],
  );
}

/** Returns what installing packages would do; undefined if apt does not know them. */
async function planOf(packages) {
  const plan = await outputOf('apt-get', ['install', '--simulate', ...OPTIONS, ...packages]);
  if (plan === undefined) return undefined;
  // A package that is replaced has its old version in brackets.
  const steps = [...plan.matchAll(/^(?:Inst|Remv) (\S+) (\[)?/gm)];
  return {
    names: steps.map(([, name]) => name),
    replaces: /^Remv /m.test(plan) || steps.some(([, , bracket]) => bracket !== undefined),
  };
}

const configure = () => runStep('Unfinished Debian packages', ...rootPrefix()(['dpkg', '--configure', '-a']));

/** Without descriptions of packages in other languages, a third of the bytes. */
const updateLists = () => aptGet('Debian package lists', 'update', '-q', '-o', 'Acquire::Languages=none');

const OPTIONS = ['-y', '--no-install-recommends'];

/**
 * Bounds of apt's waits: 120 s for another apt, such as unattended-upgrades, and twice 15 s for a mirror that is silent.
 * Larger values keep a start without a network waiting; smaller ones give up on slow mirrors.
 */
const WAITS = [
  ...['-o', 'DPkg::Lock::Timeout=120'],
  ...['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::https::Timeout=15', '-o', 'Acquire::Retries=1'],
];

const aptGet = (label, ...args) =>
  runStep(label, ...rootPrefix()(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...WAITS, ...args]));

/** Returns a function that turns a command line into [program, arguments] as root. Undefined if that is not allowed. */
function rootPrefix() {
  if (process.getuid() === 0) return ([program, ...args]) => [program, args];
  if (!isHere('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return (line) => ['sudo', ['-n', ...line]];
  }
  // sudo asks for the password on the terminal, not on standard input.
  return hasTerminal() ? Object.assign((line) => ['sudo', line], { asks: true }) : undefined;
}

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => /_(Packages|InRelease)/.test(name));
  } catch {
    return false;
  }
}
