import assert from 'node:assert/strict';
import { test } from 'node:test';

interface Distributions {
  distributionOf(osRelease: string): string[];
  installsItself(distribution: readonly string[]): boolean;
  installCommand(distribution: readonly string[], packages: readonly string[]): string | undefined;
}

const { distributionOf, installsItself, installCommand } = (await import(
  './distributions.mjs' as string
)) as Distributions;

const PACKAGES = ['xvfb', 'openbox', 'x11-xkb-utils'];

for (const [name, osRelease, command] of [
  [
    'Debian 13',
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n',
    /^sudo apt-get install .* xvfb openbox x11-/,
  ],
  [
    'Ubuntu',
    'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n',
    /^sudo apt-get install .* xvfb openbox x11-xkb-utils$/,
  ],
  ['Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', /^sudo apt-get install /],
  ['Fedora', 'ID=fedora\n', /^sudo dnf install xorg-x11-server-Xvfb openbox xkbcomp$/],
  ['Rocky Linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', /^sudo dnf install xorg-x11-server-Xvfb /],
  ['Arch Linux', 'ID=arch\n', /^sudo pacman -S --needed xorg-server-xvfb openbox xorg-xkbcomp$/],
  [
    'openSUSE',
    'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n',
    /^sudo zypper install xorg-x11-server-Xvfb /,
  ],
  ['Alpine Linux', 'ID=alpine\n', /^sudo apk add xvfb openbox xkbcomp$/],
] as const) {
  test(`the packages of ${name} are named in its own words`, () => {
    const distribution = distributionOf(osRelease);
    assert.match(installCommand(distribution, PACKAGES) ?? '', command);
    assert.equal(installsItself(distribution), name.startsWith('Debian'));
  });
}

test('for an unknown distribution there is no command, and nothing is installed', () => {
  const distribution = distributionOf('ID=nixos\n');
  assert.equal(installCommand(distribution, PACKAGES), undefined);
  assert.equal(installsItself(distribution), false);
  assert.equal(installsItself([]), false);
});
