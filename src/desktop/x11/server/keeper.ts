import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { RUNTIME_DIR_ENV } from '../../../config/variables.ts';
import type { DesktopUser } from './desktop-user.ts';
import { commandAs } from './launch.ts';

/**
 * Milliseconds that the keeper may take after the desktop's programs have been ended. It usually takes 30. A larger
 * value delays the end of the server if programs cannot be killed; with a smaller one, they may outlive the server.
 */
const END_LIMIT_MS = 1000;

/** Word by which the keeper is known in the list of processes. */
export const KEEPER_NAME = 'deskwire-keeper';

/**
 * The keeper's program. Its arguments are the runtime folder, the program ENDER, and the words that have ENDER run as
 * another user. `read` returns when the server says `end`, or when the server has ended and the kernel has closed its
 * side.
 *
 * It waits in the background, as an orphan: a server that ends its descendants by force does not end this one.
 */
const PROGRAM = `
trap '' HUP INT QUIT TERM
dir=$1
ender=$2
shift 2
{
  read -r word <&3
  "$@" /bin/sh -c "$ender" deskwire-ender "$dir" "$word" 3<&-
  rm -rf -- "$dir"
} >/dev/null 2>&1 &
`;

/**
 * Ends the processes of the desktop with this runtime folder, in 20 rounds of 0.1 s. They get SIGTERM in the first
 * round, and SIGKILL from the eleventh on, or from the first if the server has ended them already.
 */
const ENDER = `
if [ "$2" = end ]; then kill_from=0; else kill_from=10; fi
round=0
while [ $round -lt 20 ]; do
  left=$(grep -lszxF "${RUNTIME_DIR_ENV}=$1" /proc/[0-9]*/environ | tr -dc '0-9\\n')
  [ -n "$left" ] || break
  if [ $round -ge $kill_from ]; then kill -KILL $left; elif [ $round -eq 0 ]; then kill -TERM $left; fi
  sleep 0.1
  round=$((round + 1))
done
`;

/** Bit of the capability in the masks of /proc/PID/status: capabilities(7). */
const CAP_SYS_PTRACE = 19n;

/** Whether this process may read the environment of other users' processes. In containers, root often may not. */
function mayReadOthers(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
}

/**
 * A small process that outlives the server by a moment, ends every process of the desktop, and removes the desktop's
 * runtime folder. It finds processes by the variable DESKWIRE_RUNTIME_DIR, so also those that left their process group
 * or their parent. A process of the same user can escape by dropping the variable or hiding its environment.
 *
 * The keeper runs as the server's user. Where that user may not read the environment of the desktop's user, the desktop
 * is ended by a process of the latter, which programs of the desktop could end before.
 */
export class Keeper {
  /** Our side of the connection. Its end tells the keeper that the server has ended, and the reverse. */
  readonly #link: Socket;

  /** `user` is the desktop's; undefined for the server's own. */
  static start(dir: string, user?: DesktopUser): Keeper {
    const asUser = user && !mayReadOthers() ? commandAs(user) : [];
    const child = spawn('/bin/sh', ['-c', PROGRAM, KEEPER_NAME, dir, ENDER, ...asUser], {
      cwd: '/',
      // Without the variables of the server: the keeper's own processes must not look like those of a desktop.
      env: { PATH: '/usr/bin:/bin' },
      // In a session of its own, so that a signal to our terminal or process group does not end it.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    // Without a shell there is no keeper. The desktop runs, and its direct children still end with the server.
    child.on('error', () => undefined).unref();
    return new Keeper(child.stdio[3] as Socket);
  }

  constructor(link: Socket) {
    this.#link = link;
    link.on('error', () => undefined).unref();
    link.resume();
  }

  /** Has everything ended that is left of the desktop, at once. Resolves when that is done, or after END_LIMIT_MS. */
  async end(): Promise<void> {
    if (this.#link.closed) return;
    const cut = new AbortController();
    const gone = new Promise<void>((resolve) => this.#link.once('close', () => resolve()));
    void gone.then(() => cut.abort());
    this.#link.ref();
    this.#link.end('end\n');
    await delay(END_LIMIT_MS, undefined, { signal: cut.signal }).catch(() => undefined);
    this.#link.destroy();
    await gone;
  }
}
