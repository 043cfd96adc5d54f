import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';

/**
 * Command line of a desktop that runs scripts which root puts into its home folder. They run as the desktop's programs
 * do, with all that the product gives to these and takes from them. `mark` is in the arguments of one of its processes,
 * whose id is in the file `program.pid`.
 */
export const shellCommand = (mark: string): string => `
sh -c 'sleep 100000; : ${mark}' &
echo $! >program.pid
while :; do
  for ask in ask.*; do
    [ -f "$ask" ] || continue
    number=\${ask#ask.}
    sh "$ask" >"said.$number" 2>&1
    echo $? >"code.$number.new"
    rm -f "$ask"
    mv "code.$number.new" "code.$number"
  done
  sleep 0.05
done`;

export interface ShellAnswer {
  readonly code: number;
  readonly said: string;
}

/** Runs scripts as programs of such a desktop, one after the other. */
export class DesktopShell {
  readonly #home: string;
  #asked = 0;

  constructor(home: string) {
    this.#home = home;
  }

  /** Resolves with the exit code of a script for `sh`, and what it wrote. */
  async run(script: string): Promise<ShellAnswer> {
    const file = (kind: string): string => join(this.#home, `${kind}.${this.#asked}`);
    this.#asked++;
    writeFileSync(file('new'), script, { mode: 0o644 });
    renameSync(file('new'), file('ask'));
    await waitFor('the script to end', () => existsSync(file('code')));
    return { code: Number(readFileSync(file('code'), 'utf8')), said: readFileSync(file('said'), 'utf8') };
  }

  /** The id of the process that has the mark. */
  async programPid(): Promise<number> {
    const file = join(this.#home, 'program.pid');
    return waitFor(
      'the program',
      () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0) || undefined,
    );
  }
}
