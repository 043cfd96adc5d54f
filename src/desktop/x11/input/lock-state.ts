/** What the keyboard has locked: modifiers, such as Caps Lock, and the group of the layout. */
export interface Locks {
  /** Modifiers, as in X's state of a key event. */
  readonly mods: number;
  readonly group: number;
}

export const sameLocks = (a: Locks, b: Locks): boolean => a.mods === b.mods && a.group === b.group;

interface Change {
  /** Number of the request, or of the last request before the change. */
  readonly sequence: number;
  readonly locks: Locks;
}

/**
 * Own changes of the locks that are remembered until the X server is known to have carried them out: some 50 bytes each.
 * A larger value takes more changes that wait in a slow server; a smaller one may take an echo of an own change for a
 * change by the user.
 */
const MOST_CHANGES = 4096;

/** What the X server says of a change of the locks. */
interface ToldLocks extends Locks {
  /** Whether a key has made the change: it switches to the next group from the present one, whichever that is. */
  readonly isByKey: boolean;
}

/**
 * The locks of the keyboard: those of the desktop's user, and those that are set for the moment of a key press. The X
 * server tells every change later, also those that were made here. What it tells and what was not expected is a change
 * by another program, and belongs to the user.
 */
export class LockState {
  #user: Locks;
  /** Oldest first; the last one is what the server has once it has carried out all requests. */
  #changes: Change[];

  constructor(locks: Locks) {
    this.#user = locks;
    this.#changes = [{ sequence: 0, locks }];
  }

  /** What the desktop's user, or a program, has locked. */
  get user(): Locks {
    return this.#user;
  }

  /** What the keyboard has locked, as far as it is known. */
  get present(): Locks {
    return this.#changes.at(-1)!.locks;
  }

  /** The request with this number sets the locks. */
  set(locks: Locks, sequence: number): void {
    this.#changes.push({ sequence, locks });
    if (this.#changes.length > MOST_CHANGES) this.#changes.shift();
  }

  /** The X server has told of all changes until it had carried out the request with this number. */
  confirmed(sequence: number): void {
    let at = 0;
    while (at + 1 < this.#changes.length && this.#changes[at + 1]!.sequence <= sequence) at++;
    this.#changes.splice(0, at);
  }

  /**
   * The X server says that the locks were these after it had carried out the request with this number. The keyboard has
   * `groups` groups.
   */
  told({ mods, group, isByKey }: ToldLocks, sequence: number, groups: number): void {
    this.confirmed(sequence);
    const expected = this.#changes[0]!.locks;
    if (sameLocks(expected, { mods, group })) return;
    const { user } = this;
    const moved = (user.group + group - expected.group + groups) % groups;
    this.#user = {
      mods: user.mods ^ expected.mods ^ mods,
      group: group === expected.group ? user.group : isByKey ? moved : group,
    };
    this.#changes[0] = { sequence, locks: { mods, group } };
  }
}
