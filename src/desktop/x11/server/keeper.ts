import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { RUNTIME_DIR_ENV } from '../../../config/variables.ts';

/**
 * Milliseconds that the keeper may take after the desktop's programs have been ended. It usually takes 30. A larger
 * value delays the end of the server if programs cannot be killed; with a smaller one, they may outlive the server.
 */
const END_LIMIT_MS = 1000;

/**
 * The keeper's program. `read` returns when the server says `end`, or when the server has ended and the kernel has
 * closed its side. Then 20 rounds of 0.1 s: processes get SIGTERM in the first, and SIGKILL from the eleventh on, or
 * from the first if the server ended them already.
 *
 * The loop runs in the background, as an orphan: a server that ends its descendants by force does not end this one.
 */
const PROGRAM = `
trap '' HUP INT QUIT TERM
{
  read -r word <&3
  if [ "$word" = end ]; then kill_from=0; else kill_from=10; fi
  round=0
  while [ $round -lt 20 ]; do
    left=$(grep -lszxF "${RUNTIME_DIR_ENV}=$1" /proc/[0-9]*/environ | tr -dc '0-9\\n')
    [ -n "$left" ] || break
    if [ $round -ge $kill_from ]; then kill -KILL $left; elif [ $round -eq 0 ]; then kill -TERM $left; fi
    sleep 0.1
    round=$((round + 1))
  done
  rm -rf -- "$1"
} >/dev/null 2>&1 &
`;

/**
 * A small process that outlives the server by a moment, ends every process of the desktop, and removes the desktop's
 * runtime folder. It finds processes by the variable DESKWIRE_RUNTIME_DIR, so also those that left their process group
 * or their parent. A process of the same user can escape by dropping the variable or hiding its environment.
 */
export class Keeper {
  /** Our side of the connection. Its end tells the keeper that the server has ended, and the reverse. */
  readonly #link: Socket;

  static start(dir: string): Keeper {
    const child = spawn('/bin/sh', ['-c', PROGRAM, 'deskwire-keeper', dir], {
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
