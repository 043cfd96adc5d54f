// Finds and installs missing Debian packages.

import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installCommand, installsItself, thisDistribution } from './distributions.mjs';
import { runStep, SetupError, say } from './progress.mjs';

/** In the folders of libraries. */
const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

// Packages, each with a file of it: a program on the PATH, or absolute paths, of which other distributions have another
// one. Looking for files takes a millisecond.
const TO_SERVE = {
  xvfb: 'Xvfb',
  openbox: 'openbox',
  xterm: 'xterm',
  'x11-xkb-utils': 'xkbcomp',
  'fonts-dejavu-core': [
    '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
    '/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf',
    '/usr/share/fonts/TTF/DejaVuSansMono.ttf',
    '/usr/share/fonts/truetype/DejaVuSansMono.ttf',
    '/usr/share/fonts/dejavu/DejaVuSansMono.ttf',
  ],
};

// Those of the desktop that a server without --run shows. It starts without them, with a terminal alone.
const TO_SHOW = {
  // The panel, its menu, files, and the look of GTK 2 programs.
  tint2: 'tint2',
  jgmenu: 'jgmenu',
  pcmanfm: 'pcmanfm',
  'gtk2-engines': '/usr/share/themes/Clearlooks/gtk-2.0/gtkrc',
  'librsvg2-common': '/usr/share/doc/librsvg2-common/copyright',
  // A small browser. The desktop prefers Firefox or another full browser if there is one.
  'netsurf-gtk': [
    'netsurf-gtk',
    'firefox-esr',
    'firefox',
    'epiphany-browser',
    'falkon',
    'chromium',
    'google-chrome',
  ],
  // Satisfies a dependency of GTK 3 that would bring systemd.
  'dbus-x11': ['dbus-launch', '/usr/share/doc/dbus-user-session/copyright'],
};

const TO_TEST = {
  chromium: 'chromium',
  'tigervnc-viewer': 'xtigervncviewer',
  gvncviewer: 'gvncviewer',
  vncsnapshot: 'vncsnapshot',
  'libnet-vnc-perl': '/usr/share/perl5/Net/VNC.pm',
  'tigervnc-standalone-server': 'Xtigervnc',
  'x11-apps': 'xwd',
  'x11-utils': 'xprop',
  'x11-xserver-utils': 'xsetroot',
  xauth: 'xauth',
  xclip: 'xclip',
  parcellite: 'parcellite',
  xdotool: 'xdotool',
  'mesa-utils': 'glxinfo',
  'python3-gi': '/usr/lib/python3/dist-packages/gi/__init__.py',
  'python3-requests': '/usr/lib/python3/dist-packages/requests/__init__.py',
  'gir1.2-gtk-3.0': `/usr/lib/${ARCHITECTURE}-linux-gnu/girepository-1.0/Gtk-3.0.typelib`,
  curl: 'curl',
  openssl: 'openssl',
  procps: 'ps',
  systemd: 'systemd-analyze',
  nginx: 'nginx',
  // 19 MB, for promtool, which checks the metrics and the alerts.
  prometheus: 'promtool',
};

/** Lists the packages of the server and its desktop. */
export const packagesToServe = () => Object.keys({ ...TO_SERVE, ...TO_SHOW });

/** Lists missing packages. `forTests` includes those that only tests and bench use. */
export function missingPackages(forTests) {
  const wanted = forTests ? { ...TO_SERVE, ...TO_SHOW, ...TO_TEST } : { ...TO_SERVE };
  // Chromium, which tests use, is a browser for the desktop too.
  if (forTests) delete wanted['netsurf-gtk'];
  return Object.keys(wanted).filter((name) => !isHere(wanted[name]));
}

/** Lists missing packages of the desktop's panel and programs, where setup installs them without a question. */
export function missingDesktop() {
  if (process.getuid() !== 0 || !isHere('apt-get') || existsSync(DESKTOP_FAILED)) return [];
  const missing = Object.keys(TO_SHOW).filter((name) => !isHere(TO_SHOW[name]));
  return missing.length > 0 && installsItself(thisDistribution()) ? missing : [];
}

/** Installs packages of the desktop. If that fails, says so, and does not try again at the next start. */
export async function installDesktop(packages) {
  try {
    await installPackages(packages);
  } catch {
    writeFileSync(DESKTOP_FAILED, '');
    say(`The desktop will have no panel. To install it: apt-get install ${packages.join(' ')}`);
  }
}

/** File that is there if the packages of the desktop could not be installed. */
const DESKTOP_FAILED = 'tmp/desktop-packages-failed';

/**
 * Throws a SetupError with the missing packages and how to install them, if setup may not install any: without root, and
 * on other distributions than Debian.
 */
export function assertInstallable(packages) {
  const distribution = thisDistribution();
  const isOurs = installsItself(distribution);
  if (isOurs && isHere('apt-get') && rootPrefix() !== undefined) return;
  // Others than Debian's relatives have other programs for the desktop.
  const shown = distribution.includes('debian')
    ? Object.keys(TO_SHOW).filter((name) => !isHere(TO_SHOW[name]))
    : [];
  const command = installCommand(distribution, [...new Set([...packages, ...shown])]);
  const why = isOurs ? 'Only root can install them.' : 'They are installed automatically on Debian only.';
  throw new SetupError(
    `these Debian packages are missing: ${packages.join(' ')}.\n` +
      (command === undefined
        ? 'Install what has the same programs in your distribution, then start again.\n'
        : `${why} Run this, then start again:\n\n  ${command}\n`),
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
    // Old package lists have versions that the mirror no longer has, and an interrupted install leaves packages half
    // configured. Repairs both, once.
    say('Trying again with new package lists');
    await runStep('Unfinished Debian packages', ...asRoot(['dpkg', '--configure', '-a']));
    await aptGet('Debian package lists', 'update', '-q');
    await install();
  }
}

/** Waits up to 120 s for another apt, such as unattended-upgrades. */
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=120'];

/** Returns a function that turns a command line into [program, arguments] as root. Undefined if that is not allowed. */
function rootPrefix() {
  if (process.getuid() === 0) return ([program, ...args]) => [program, args];
  if (!isHere('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return (line) => ['sudo', ['-n', ...line]];
  }
  // sudo asks for the password on the terminal, not on standard input.
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
  if (Array.isArray(proof)) return proof.some(isHere);
  // Some of Debian's programs are in sbin, which is not on every user's PATH.
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
