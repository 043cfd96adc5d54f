import { setTimeout as sleep } from 'node:timers/promises';
import type { PresentLogin } from '../../http/edge-calls.ts';
import type { Revocation } from '../../http/login/edge-revocations.ts';
import { merged } from './revocation-for.ts';

/** Time in ms before a desktop that has not answered is told again. A smaller value takes more of a busy machine. */
const AGAIN_MS = 200;

export interface ToldDesktopOptions {
  /** Tells the desktop. Rejects if it does not answer. */
  readonly tell: (revocation: Revocation) => Promise<readonly PresentLogin[]>;
  /** Whether it is still the same start of a desktop that runs. */
  readonly isThere: () => boolean;
  /** What of those who are there may not be. */
  readonly judge: (present: readonly PresentLogin[]) => Revocation | undefined;
  /** It has been told all. */
  readonly onTold: () => void;
}

/** One start of a desktop that is told of changes, one after the other, again until it answers. */
export class ToldDesktop {
  readonly #options: ToldDesktopOptions;
  /** What it has not been told yet, and what it is being told. */
  #pending: Revocation | undefined;
  #sinceVersion: number | undefined;
  #isTelling = false;

  constructor(options: ToldDesktopOptions) {
    this.#options = options;
  }

  /** Version of the first change that it has not answered yet. Undefined if there is none. */
  get waitsFor(): number | undefined {
    return this.#sinceVersion;
  }

  tell(revocation: Revocation): void {
    this.#sinceVersion ??= revocation.version;
    this.#pending = merged(this.#pending, revocation);
    if (!this.#isTelling) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    const { tell, isThere, judge, onTold } = this.#options;
    while (this.#pending !== undefined && isThere()) {
      const revocation = this.#pending;
      this.#pending = undefined;
      try {
        const present = await tell(revocation);
        const more = revocation.all === true ? judge(present) : undefined;
        if (more !== undefined) this.#pending = merged(this.#pending, more);
      } catch {
        // It is busy, hung, or ends just now.
        this.#pending = merged(revocation, this.#pending ?? revocation);
        await sleep(AGAIN_MS);
      }
    }
    this.#isTelling = false;
    this.#pending = undefined;
    this.#sinceVersion = undefined;
    onTold();
  }
}
