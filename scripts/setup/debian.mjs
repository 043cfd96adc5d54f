// Finds missing Debian packages.

import { desktopHasFailed, mayInstall } from './apt.mjs';
import { installCommand, installsItself, thisDistribution } from './distributions.mjs';
import { isHere } from './is-here.mjs';
import { SetupError } from './progress.mjs';

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
  // 80 MB, for the smoke tests of the page.
  'firefox-esr': 'firefox-esr',
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
  xvkbd: 'xvkbd',
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

/** For tests of a fleet's store, which install it themselves: 50 MB. Each version has a folder of its own. */
const TO_TEST_STORES = {
  postgresql: ['initdb', ...Array.from({ length: 10 }, (_, i) => `/usr/lib/postgresql/${13 + i}/bin/initdb`)],
};

/** Lists the packages of the server and its desktop. */
export const packagesToServe = () => Object.keys({ ...TO_SERVE, ...TO_SHOW });

/**
 * Lists missing packages. `forTests` includes those that only tests and bench use; `forStores` asks for PostgreSQL
 * alone.
 */
export function missingPackages(forTests, forStores = false) {
  if (forStores) return Object.keys(TO_TEST_STORES).filter((name) => !isHere(TO_TEST_STORES[name]));
  const wanted = forTests ? { ...TO_SERVE, ...TO_SHOW, ...TO_TEST } : { ...TO_SERVE };
  // Chromium, which tests use, is a browser for the desktop too.
  if (forTests) delete wanted['netsurf-gtk'];
  return Object.keys(wanted).filter((name) => !isHere(wanted[name]));
}

/** Lists missing packages of the desktop's panel and programs, where setup installs them without a question. */
export function missingDesktop() {
  if (process.getuid() !== 0 || !isHere('apt-get') || desktopHasFailed()) return [];
  const missing = Object.keys(TO_SHOW).filter((name) => !isHere(TO_SHOW[name]));
  return missing.length > 0 && installsItself(thisDistribution()) ? missing : [];
}

/**
 * Throws a SetupError with the missing packages and how to install them, if setup may not install any: without root,
 * and on other distributions than Debian.
 */
export function assertInstallable(packages) {
  const distribution = thisDistribution();
  const isOurs = installsItself(distribution);
  if (isOurs && mayInstall()) return;
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
