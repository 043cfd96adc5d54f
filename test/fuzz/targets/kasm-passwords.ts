import { isValidName } from '../../../src/accounts/account-changes.ts';
import { AccountsError } from '../../../src/accounts/errors.ts';
import { parseKasmPasswordFile } from '../../../src/accounts/kasm-password-file.ts';
import { isSha256Crypt } from '../../../src/accounts/sha256-crypt.ts';
import { type FuzzTarget, resultOrRefusal } from '../fuzz-target.ts';
import { damagedText, word } from '../text.ts';

const NAMES = ['kasm_user', 'ada', 'bob'];
const HASHES = [
  '$5$kasm$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$5$rounds=999999999$salt$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$5$$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$6$x$y',
];
const RIGHTS = ['', 'r', 'w', 'o', 'rw', 'rwo', 'ow', 'x'];

const refused = (error: unknown): boolean =>
  error instanceof AccountsError && error.code === 'ACCOUNTS_KASM_FILE';

/** KasmVNC's password file. */
export const kasmPasswords: FuzzTarget = {
  name: 'kasm-passwords',
  cases: 120_000,
  make(dice) {
    const lines = Array.from(
      { length: dice.integer(0, 4) },
      () => `${word(dice, NAMES)}:${word(dice, HASHES)}:${word(dice, RIGHTS)}`,
    );
    return damagedText(lines.join(dice.pick(['\n', '\r\n', '\n\n'])), dice);
  },
  run(input) {
    const parse = () => parseKasmPasswordFile(Buffer.from(input).toString(), 'kasmpasswd');
    for (const { name, hash, read, write } of resultOrRefusal(parse, refused) ?? []) {
      if (!isValidName(name) || !isSha256Crypt(hash)) throw new Error('A user is not valid.');
      if (write && !read) throw new Error('A user may write, and not read.');
    }
  },
};
