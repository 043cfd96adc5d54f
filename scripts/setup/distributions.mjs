// Says how packages are installed on distributions of Linux other than Debian.

import { readFileSync } from 'node:fs';

/** What begins the command that installs packages, by the ID or ID_LIKE of os-release(5). */
const INSTALLERS = {
  debian: 'apt-get install --no-install-recommends',
  fedora: 'dnf install',
  rhel: 'dnf install',
  arch: 'pacman -S --needed',
  suse: 'zypper install',
  alpine: 'apk add',
};

/** Names of Debian's packages elsewhere, where they differ. */
const NAMES = {
  fedora: {
    xvfb: 'xorg-x11-server-Xvfb',
    'x11-xkb-utils': 'xkbcomp',
    'fonts-dejavu-core': 'dejavu-sans-mono-fonts',
  },
  arch: { xvfb: 'xorg-server-xvfb', 'x11-xkb-utils': 'xorg-xkbcomp', 'fonts-dejavu-core': 'ttf-dejavu' },
  suse: { xvfb: 'xorg-x11-server-Xvfb', 'x11-xkb-utils': 'xkbcomp', 'fonts-dejavu-core': 'dejavu-fonts' },
  alpine: { 'x11-xkb-utils': 'xkbcomp', 'fonts-dejavu-core': 'font-dejavu' },
};
NAMES.rhel = NAMES.fedora;

/** Returns the names of a distribution, the nearest one first: its own, then those that it is like. */
export function distributionOf(osRelease) {
  const value = (key) => new RegExp(`^${key}=["']?([^"'\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  return [value('ID'), ...value('ID_LIKE').split(' ')]
    .map((name) => name.replace(/^opensuse.*/, 'suse'))
    .filter(Boolean);
}

export function thisDistribution() {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return distributionOf(readFileSync(path, 'utf8'));
    } catch {
      // The other one may be there.
    }
  }
  return [];
}

/** Whether setup installs packages by itself. It is tried on Debian only. */
export const installsItself = ([id]) => id === 'debian';

/** Returns the command line that installs packages with these names in Debian. Undefined for an unknown distribution. */
export function installCommand(distribution, packages) {
  const known = distribution.find((name) => INSTALLERS[name] !== undefined);
  if (known === undefined) return undefined;
  const names = packages.map((name) => NAMES[known]?.[name] ?? name);
  return `sudo ${INSTALLERS[known]} ${names.join(' ')}`;
}
