import { BoundedMap } from '../../../common/bounded-map.ts';
import type { InputMethodTalk, KeyCounts } from './input-method-talk.ts';

/**
 * Milliseconds that an input method may have keys. A larger value delays each key below one that hangs; a smaller one
 * gives a busy one several keys at once, of which it loses some.
 */
export const KEEPS_KEYS_MS = 200;

/**
 * Presses, or releases, in a row that a program has not given to its input method, after which that is waited for no
 * longer. A larger value delays more keys of a program that gives it none; with a smaller one, a busy program gets keys
 * too fast.
 */
export const MOST_KEPT = 3;

/** Programs that are remembered. */
const MOST_PROGRAMS = 64;

export interface PacePort {
  /** Resolves with the program that has the focus, by its base of ids. */
  focused(): Promise<number>;
  /** Resolves after a time, or when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Keys since the input method was waited for last. */
interface Sent {
  /** What each program had given to it before, and got back. */
  readonly keysBefore: ReadonlyMap<number, KeyCounts>;
  presses: number;
  releases: number;
}

/** Presses and releases in a row that a program has not given to its input method. */
interface Kept {
  readonly presses: number;
  readonly releases: number;
  /** Key events that it had given to it by then. */
  readonly given: number;
}

const NONE_KEPT: Kept = { presses: 0, releases: 0, given: 0 };

/**
 * Slows typing down to the pace of an X input method, such as IBus below xterm: the program's part of it, libX11, loses
 * keys if several of them are on their way to the input method and back. A press and its release may be.
 */
export class InputMethodPace {
  readonly #talk: InputMethodTalk;
  readonly #port: PacePort;
  /** By the program's base of ids. */
  readonly #kept = new BoundedMap<number, Kept>(MOST_PROGRAMS);
  #sent: Sent | undefined;
  #waiting: Promise<void> | undefined;

  constructor(talk: InputMethodTalk, port: PacePort) {
    this.#talk = talk;
    this.#port = port;
  }

  /** To be called when a key was pressed or released. */
  sent(isDown: boolean): void {
    if (!this.#talk.hasBegun) return;
    this.#sent ??= { keysBefore: this.#talk.keys(), presses: 0, releases: 0 };
    if (isDown) this.#sent.presses++;
    else this.#sent.releases++;
  }

  /** Resolves when the input method has given back what was sent, or does not in time. Undefined if it has nothing. */
  givenBack(): Promise<void> | undefined {
    const sent = this.#sent;
    if (!sent || this.#waiting) return this.#waiting;
    this.#sent = undefined;
    this.#waiting = this.#wait(sent).finally(() => {
      this.#waiting = undefined;
    });
    return this.#waiting;
  }

  /** A program has ended. */
  forget(client: number): void {
    this.#kept.delete(client);
  }

  async #wait({ keysBefore, presses, releases }: Sent): Promise<void> {
    const client = await this.#port.focused();
    const before = keysBefore.get(client);
    if (before === undefined) return;
    const kept = this.#kept.get(client) ?? NONE_KEPT;
    // Once it gives keys to its input method again, all presses are waited for.
    const givesPresses = kept.presses < MOST_KEPT || before.given !== kept.given;
    const expected = (givesPresses ? presses : 0) + (kept.releases < MOST_KEPT ? releases : 0);
    if (expected === 0) return;
    const now = (): KeyCounts => this.#talk.keys().get(client) ?? before;
    const hasGiven = (): boolean => now().given - before.given >= expected;
    // Whatever the input method says answers a single key, which it may have made a part of a composition.
    const hasGot = (): boolean => expected === 1 || now().returned - before.returned >= expected;
    const limit = new AbortController();
    await Promise.race([
      this.#talk.until(() => hasGiven() && hasGot() && !this.#talk.isAsking(client), limit.signal),
      this.#port.wait(KEEPS_KEYS_MS, limit.signal),
    ]);
    limit.abort();
    const keeps = hasGiven() ? 0 : 1;
    this.#kept.set(client, {
      presses: presses > 0 ? keeps * (kept.presses + 1) : kept.presses,
      releases: presses === 0 ? keeps * (kept.releases + 1) : kept.releases,
      given: now().given,
    });
  }
}
