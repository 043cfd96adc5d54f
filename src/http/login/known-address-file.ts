import { isValidName } from '../../accounts/account-changes.ts';
import { readRegularFile } from '../../common/read-regular-file.ts';
import { writeFileAtomically } from '../../common/write-file-atomically.ts';

/** Bytes of the file: twice what 1,000 pairs of the longest names take. A larger value delays the start for longer. */
const MAX_BYTES = 1024 * 1024;

/** A user name, an address, and when they last logged in, in Unix milliseconds. */
export type SavedPair = readonly [name: string, address: string, lastMs: number];

/**
 * The file with the addresses that users log in from, so that a restart does not make strangers of them. Without it,
 * the server works as well; so its faults are reported once, and end nothing.
 */
export class KnownAddressFile {
  readonly #path: string;
  readonly #onProblem: (error: unknown) => void;
  #hasProblem = false;

  constructor(path: string, onProblem: (error: unknown) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
  }

  /** The pairs that were saved last. None if the file is missing or cannot be used. */
  read(): readonly SavedPair[] {
    try {
      const found = readRegularFile(this.#path, MAX_BYTES);
      if (found.kind !== 'text') throw new Error(`${this.#path} is too large or not a regular file.`);
      const pairs: unknown = JSON.parse(found.text);
      if (!Array.isArray(pairs) || !pairs.every(isSavedPair))
        throw new Error(`${this.#path} is not what Deskwire wrote.`);
      return pairs;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#report(error);
      return [];
    }
  }

  /** Replaces the file. Never rejects. */
  async write(pairs: readonly SavedPair[]): Promise<void> {
    const lines = pairs.map((pair) => JSON.stringify(pair));
    try {
      await writeFileAtomically(this.#path, `[\n${lines.join(',\n')}\n]\n`);
      this.#hasProblem = false;
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (this.#hasProblem) return;
    this.#hasProblem = true;
    this.#onProblem(error);
  }
}

function isSavedPair(value: unknown): value is SavedPair {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [name, address, lastMs] = value;
  return (
    typeof name === 'string' && isValidName(name) && typeof address === 'string' && Number.isFinite(lastMs)
  );
}
