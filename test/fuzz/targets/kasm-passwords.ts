import { isValidName } from '../../../src/accounts/account-changes.ts';
import { AccountsError } from '../../../src/accounts/errors.ts';
import { parseKasmPasswordFile } from '../../../src/accounts/kasm-password-file.ts';
import { isSha256Crypt } from '../../../src/accounts/sha256-crypt.ts';
import { type FuzzTarget, resultOrRefusal } from '../fuzz-target.ts';
import { damagedText, some, word } from '../text.ts';

const NAMES = ['kasm_user', 'ada', 'bob'];
const VALID_HASHES = [
  '$5$kasm$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$5$rounds=1000$salt$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
];
const HASHES = [
  ...VALID_HASHES,
  '$5$rounds=999999999$salt$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$5$$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$6$x$y',
];
const VALID_RIGHTS = ['', 'r', 'w', 'o', 'rw', 'rwo', 'ow'];
const RIGHTS = [...VALID_RIGHTS, 'x'];

const refused = (error: unknown): boolean =>
  error instanceof AccountsError && error.code === 'ACCOUNTS_KASM_FILE';

/** KasmVNC's password file. */
export const kasmPasswords: FuzzTarget = {
  name: 'kasm-passwords',
  cases: 120_000,
  reaches: ['users', 'several users', 'writers', 'refused'],
  make(dice) {
    const lines = dice.chance(0.5)
      ? some(dice, NAMES).map((name) => `${name}:${dice.pick(VALID_HASHES)}:${dice.pick(VALID_RIGHTS)}`)
      : Array.from(
          { length: dice.integer(0, 4) },
          () => `${word(dice, NAMES)}:${word(dice, HASHES)}:${word(dice, RIGHTS)}`,
        );
    return damagedText(lines.join(dice.pick(['\n', '\r\n', '\n\n'])), dice);
  },
  run(input, reached) {
    const parse = () => parseKasmPasswordFile(Buffer.from(input).toString(), 'kasmpasswd');
    const users = resultOrRefusal(parse, refused);
    if (users === undefined) reached('refused');
    else if (users.length > 0) reached(users.length === 1 ? 'users' : 'several users');
    for (const { name, hash, read, write } of users ?? []) {
      if (write) reached('writers');
      if (!isValidName(name) || !isSha256Crypt(hash)) throw new Error('A user is not valid.');
      if (write && !read) throw new Error('A user may write, and not read.');
    }
  },
};
