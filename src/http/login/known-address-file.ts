import { isValidName } from '../../accounts/account-changes.ts';
import { ListFile } from './list-file.ts';

/** Bytes of the file: twice what 1,000 pairs of the longest names take. A larger value delays the start for longer. */
const MAX_BYTES = 1024 * 1024;

/** A user name, an address, and when they last logged in, in Unix milliseconds. */
export type SavedPair = readonly [name: string, address: string, lastMs: number];

/** The file with the addresses that users log in from, so that a restart does not make strangers of them. */
export class KnownAddressFile extends ListFile<SavedPair> {
  constructor(path: string, onProblem: (error: unknown) => void) {
    super({ path, maxBytes: MAX_BYTES, isItem: isSavedPair, onProblem });
  }
}

function isSavedPair(value: unknown): value is SavedPair {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [name, address, lastMs] = value;
  return (
    typeof name === 'string' && isValidName(name) && typeof address === 'string' && Number.isFinite(lastMs)
  );
}
