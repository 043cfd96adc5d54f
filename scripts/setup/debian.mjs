// The programs that Debian has to bring, and how they are brought.

import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runStep, SetupError, say } from './progress.mjs';

// Each package beside the file that proves it: a program on the PATH, or an absolute path. Looking for files takes
// a millisecond and also holds on systems that are not Debian, where the same programs come from elsewhere.
const TO_SERVE = {
  xvfb: 'Xvfb',
  openbox: 'openbox',
  xterm: 'xterm',
  'x11-xkb-utils': 'xkbcomp',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
};

const TO_TEST = {
  chromium: 'chromium',
  'tigervnc-viewer': 'xtigervncviewer',
  'tigervnc-standalone-server': 'Xtigervnc',
  'x11-apps': 'xwd',
  'x11-utils': 'xprop',
  'x11-xserver-utils': 'xsetroot',
  xauth: 'xauth',
  xclip: 'xclip',
  xdotool: 'xdotool',
  curl: 'curl',
  openssl: 'openssl',
  procps: 'ps',
};

/** Packages that are missing here; `forTests` adds those that only the tests and the bench use. */
export function missingPackages(forTests) {
  const wanted = forTests ? { ...TO_SERVE, ...TO_TEST } : TO_SERVE;
  return Object.keys(wanted).filter((name) => !isHere(wanted[name]));
}

/** Throws a SetupError that says which packages are missing and how to get them, where we may not install any. */
export function assertInstallable(packages) {
  if (isHere('apt-get') && rootPrefix() !== undefined) return;
  throw new SetupError(
    `these Debian packages are missing: ${packages.join(' ')}.\n` +
      `Only root can install them. Run this, then start again:\n\n` +
      `  sudo apt-get install --no-install-recommends ${packages.join(' ')}\n`,
  );
}

export async function installPackages(packages) {
  const asRoot = rootPrefix();
  const aptGet = (label, ...args) =>
    runStep(
      label,
      ...asRoot(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...WAIT_FOR_LOCK, ...args]),
    );
  const install = () =>
    aptGet(`Debian packages: ${packages.join(' ')}`, 'install', '-y', '--no-install-recommends', ...packages);

  if (!hasPackageLists()) {
    await aptGet('Debian package lists', 'update', '-q');
    return install();
  }
  try {
    await install();
  } catch {
    // Lists that are out of date name versions that the mirror no longer has; an install that was broken off
    // earlier leaves packages half configured. Both are put right once.
    say('trying once more with new package lists');
    await runStep('Unfinished Debian packages', ...asRoot(['dpkg', '--configure', '-a']));
    await aptGet('Debian package lists', 'update', '-q');
    await install();
  }
}

/** Another apt, such as unattended-upgrades, may hold the lock for a while. */
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=120'];

/** Turns a command line into [program, arguments] that run as root, or undefined where nobody lets us. */
function rootPrefix() {
  if (process.getuid() === 0) return ([program, ...args]) => [program, args];
  if (!isHere('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return (line) => ['sudo', ['-n', ...line]];
  }
  // sudo asks for the password on the terminal itself, whatever our standard input is.
  return hasTerminal() ? (line) => ['sudo', line] : undefined;
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

function isHere(proof) {
  // sbin is not on every user's PATH, yet some of Debian's programs are there.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const candidates = proof.startsWith('/') ? [proof] : folders.map((folder) => join(folder, proof));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}
