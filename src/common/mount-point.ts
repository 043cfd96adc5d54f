import { readFileSync } from 'node:fs';

/** In mountinfo, a backslash and three octal digits stand for a space, a tab, a line break or a backslash. */
const ESCAPED = /\\([0-7]{3})/g;

/**
 * Whether something is mounted at exactly this path, such as a single file that is mounted into a container. Such a file
 * can be written, but no other file can take its name. `mountinfo` is the text of proc_pid_mountinfo(5).
 */
export function isMountPoint(path: string, mountinfo: string = readMountinfo()): boolean {
  return mountinfo.split('\n').some((line) => {
    const point = line.split(' ')[4] ?? '';
    return point.replace(ESCAPED, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))) === path;
  });
}

function readMountinfo(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}
