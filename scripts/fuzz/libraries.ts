import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Oldest GNU C library with which jazzer.js was built. */
const LEAST_GLIBC = [2, 38];

const MIRROR = process.env.DEBIAN_MIRROR ?? 'http://deb.debian.org/debian/';

/**
 * Packages of Debian 13 with newer libraries, for Debian 12. If the mirror has them no more, take the path and the
 * digest of the newer ones from its Packages file.
 */
const PACKAGES = [
  {
    path: 'pool/main/g/glibc/libc6_2.41-12+deb13u5_amd64.deb',
    sha256: 'b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf',
  },
  {
    path: 'pool/main/g/gcc-14/libstdc++6_14.2.0-19_amd64.deb',
    sha256: 'ab1fa05837aa7a92aae748fd07a18a35f7d18bb4a71c4724fe2bbf0e32089de0',
  },
  {
    path: 'pool/main/g/gcc-14/libgcc-s1_14.2.0-19_amd64.deb',
    sha256: '3c71917b490d1a17aed43196a2787a256ecf060526cdb20216a74bedc061b150',
  },
] as const;

/** Returns the beginning of a command that runs Node.js with libraries that the fuzzer needs, installed in `folder`. */
export async function nodeCommand(folder: string): Promise<string[]> {
  if (hasNewLibraries()) return [process.execPath];
  if (process.arch !== 'x64') throw new Error('The fuzzer needs glibc 2.38, as in Debian 13.');
  const libraries = join(folder, 'usr/lib/x86_64-linux-gnu');
  const loader = join(libraries, 'ld-linux-x86-64.so.2');
  if (!existsSync(loader)) await installLibraries(folder);
  return [loader, '--library-path', libraries, process.execPath];
}

function hasNewLibraries(): boolean {
  const report = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (report.header.glibcVersionRuntime ?? '').split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_GLIBC as [number, number];
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

async function installLibraries(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // The loader is in the first package. It comes last, so that an interrupted installation is not taken for a whole one.
  for (const { path, sha256 } of PACKAGES.toReversed()) {
    const response = await fetch(new URL(path, MIRROR));
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== sha256) throw new Error(`${response.url} has the digest ${digest}.`);
    const file = join(folder, basename(path));
    writeFileSync(file, bytes);
    const { status } = spawnSync('dpkg-deb', ['-x', file, folder], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`dpkg-deb ended with ${status}.`);
  }
}
