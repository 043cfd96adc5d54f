import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENS = '00010000';

/** Returns the inodes of the sockets that listen for clients of `display`. */
function listenersOf(display: string): readonly string[] {
  const path = `/tmp/.X11-unix/X${display.slice(1)}`;
  // proc_net(5), unix: address, references, protocol, flags, type, state, inode, path, with "@" if it is abstract.
  return readFileSync('/proc/net/unix', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((field) => field[3] === LISTENS && field[7]?.replace('@', '') === path)
    .map((field) => field[6]!);
}

/** Whether any X server serves a display. */
export function isServed(display: string): boolean {
  return listenersOf(display).length > 0;
}

/** Returns the display that the X server `pid` serves; undefined if it serves none or has ended. */
export function displayOf(pid: number): string | undefined {
  const sockets = socketsOf(pid);
  return readdirSync('/tmp/.X11-unix')
    .map((name) => `:${name.slice(1)}`)
    .find((display) => listenersOf(display).some((inode) => sockets.has(inode)));
}

function socketsOf(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (inode) inodes.add(inode[1]!);
    }
  } catch {
    // The process has ended, or closed a file.
  }
  return inodes;
}
