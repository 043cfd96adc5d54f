import type { Accounts } from './accounts.ts';
import { FileUserStore } from './file-user-store.ts';
import { readKasmPasswordFile } from './kasm-password-file.ts';
import type { HashCost } from './password-hash.ts';
import { StoredAccounts } from './stored-accounts.ts';
import type { UserChanged } from './user.ts';

export interface AccountsOptions {
  /** Folder of the user file. Created if it is missing. */
  readonly folder: string;
  /** A KasmVNC password file. Users that the store never had are imported from it. */
  readonly kasmPasswordFile?: string | undefined;
  /** Called with the users that were imported from it, before the accounts are open. */
  readonly onImported?: (changes: UserChanged[]) => void;
  /** Cost of new hashes. */
  readonly cost?: HashCost;
  /** Called with errors outside of calls, such as a user file that was damaged by an edit. Once for each such state. */
  readonly onProblem?: (error: unknown) => void;
  /** Called when a user file that could not be used can be used again. */
  readonly onRecovery?: () => void;
  /** Called with permissions of these files or of the folder that should be stricter. */
  readonly onWarning?: (warning: string) => void;
}

/** Opens the accounts of a folder. Throws AccountsError ACCOUNTS_STORE_… or ACCOUNTS_KASM_FILE. */
export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const {
    kasmPasswordFile,
    folder,
    cost,
    onImported = () => {},
    onProblem = () => {},
    onRecovery,
    onWarning,
  } = options;
  const kasmUsers = kasmPasswordFile === undefined ? [] : readKasmPasswordFile(kasmPasswordFile, onWarning);
  const accounts = new StoredAccounts({
    cost,
    onProblem,
    openStore: (onChange) => new FileUserStore({ folder, onProblem, onRecovery, onWarning, onChange }),
  });
  try {
    accounts.on('changed', onImported);
    await accounts.importUsers(kasmUsers);
    accounts.off('changed', onImported);
  } catch (error) {
    await accounts.close();
    throw error;
  }
  return accounts;
}
