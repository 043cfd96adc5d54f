import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes a folder like the image `debian:RELEASE-slim` with debootstrap. It has the mirror, the name servers, the
 * certificate authorities and the settings of apt and npm of this machine, so that builds in it reach what this machine
 * reaches.
 */
export function makeDebian(folder: string, release: string): void {
  execFileSync('debootstrap', ['--variant=minbase', release, folder, mirrorOf()], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const file of ['/etc/resolv.conf', '/etc/hosts']) copyFileSync(file, join(folder, file));
  for (const path of ['/etc/ssl/certs/ca-certificates.crt', process.env.NODE_EXTRA_CA_CERTS])
    bring(path, folder);
  const settings = shell('apt-config dump').split('\n');
  const here = settings.filter((line) => /^Acquire::.*(proxy|Check-)/i.test(line));
  writeFileSync(join(folder, 'etc/apt/apt.conf.d/99-as-here'), `${here.join('\n')}\n`);
}

/** Adds what the image `node:…` has besides: Node.js and npm, those of this machine. */
export function addNode(folder: string): void {
  const bin = join(folder, 'usr/local/bin');
  copyFileSync(process.execPath, join(bin, 'node'));
  const npm = dirname(dirname(realpathSync(shell('command -v npm'))));
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'));
  for (const name of ['globalconfig', 'userconfig']) bring(shell(`npm config get ${name}`), folder);
}

/** Copies a file of this machine, if it exists, to the same place in the folder. */
function bring(path: string | undefined, folder: string): void {
  if (path === undefined || !existsSync(path)) return;
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  copyFileSync(path, join(folder, path));
}

function mirrorOf(): string {
  const targets = shell(
    "apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian'",
  );
  const found = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([uri = '', component]) => component === 'main' && !/security/.test(uri));
  return found?.[0] ?? 'http://deb.debian.org/debian/';
}

const shell = (line: string): string => execFileSync('sh', ['-c', line], { encoding: 'utf8' }).trim();
