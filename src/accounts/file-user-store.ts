import { type FileContents, SharedFile, type SharedFileOptions } from './shared-file.ts';
import { formatStore, MAX_STORE_BYTES, parseStore, USER_FILE } from './store-file.ts';
import { EMPTY_STATE, type StoreState } from './store-state.ts';

const CONTENTS: FileContents<StoreState> = {
  fileName: 'users.json',
  called: USER_FILE,
  judgesFolder: true,
  empty: EMPTY_STATE,
  maxBytes: MAX_STORE_BYTES,
  format: formatStore,
  parse: parseStore,
};

/** The file of the users and their passwords. */
export class FileUserStore extends SharedFile<StoreState> {
  /** Throws ACCOUNTS_STORE_BROKEN, _UNREADABLE or _UNSAFE, or _UNWRITABLE if the folder cannot be created. */
  constructor(options: SharedFileOptions<StoreState>) {
    super(CONTENTS, options);
  }
}
