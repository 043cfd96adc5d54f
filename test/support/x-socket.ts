import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENS = '00010000';

/** A Unix socket that listens for clients of a display. */
interface Listener {
  readonly inode: string;
  /** Such as `:7`. */
  readonly display: string;
}

/** The listeners of all X servers, wherever they see `/tmp`. */
function listeners(): Listener[] {
  // proc_net(5), unix: address, references, protocol, flags, type, state, inode, path, with "@" if it is abstract.
  return readFileSync('/proc/net/unix', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, , , flags, , , inode, path]) => {
      const number = /^@?\/tmp\/\.X11-unix\/X(\d+)$/.exec(path ?? '')?.[1];
      return flags === LISTENS && number !== undefined ? [{ inode: inode!, display: `:${number}` }] : [];
    });
}

/** Whether any X server serves a display. */
export function isServed(display: string): boolean {
  return listeners().some((listener) => listener.display === display);
}

/** Returns the display that the X server `pid` serves; undefined if it serves none or has ended. */
export function displayOf(pid: number): string | undefined {
  const sockets = socketsOf(pid);
  return listeners().find(({ inode }) => sockets.has(inode))?.display;
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
