import { isDeepStrictEqual } from 'node:util';
import type { Dice } from '../../../bench/scenes/dice.ts';
import { AccountsError } from '../../../src/accounts/errors.ts';
import { formatStore, parseStore } from '../../../src/accounts/store-file.ts';
import { type FuzzTarget, resultOrRefusal } from '../fuzz-target.ts';
import { damagedText, some, word } from '../text.ts';

const NAMES = ['ada', 'bob', 'fred', 'ä'];
const HASHES = [
  '$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
  '$5$kasm$l/3n3O5D8VTL3cN4wG0S/VpgjMZfj/Ii3lRhHZDIqj4',
  '$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
  '$argon2id$v=19$m=4294967295,t=4294967295,p=255$AA$AA',
];

function validUser(dice: Dice, user: string): unknown {
  const [read, write, owner] = [dice.chance(0.5), dice.chance(0.5), dice.chance(0.5)];
  // The last hash costs more than is accepted.
  return { user, read, write, owner, hash: dice.pick(HASHES.slice(0, -1)), passwordId: 'id' };
}

function makeUser(dice: Dice): unknown {
  const flag = (): unknown => (dice.chance(0.9) ? dice.chance(0.5) : dice.pick([0, 1, null, 'true']));
  const user = {
    user: word(dice, NAMES),
    read: flag(),
    write: flag(),
    owner: flag(),
    hash: word(dice, HASHES),
    passwordId: word(dice, ['id', 'other']),
  };
  if (dice.chance(0.95)) return user;
  return dice.pick<unknown>([null, [], 'user', { ...user, hash: 1 }, { ...user, user: undefined }]);
}

const refused = (error: unknown): boolean =>
  error instanceof AccountsError && error.code === 'ACCOUNTS_STORE_BROKEN';

/** The file with the users. */
export const usersFile: FuzzTarget = {
  name: 'users-file',
  cases: 80_000,
  reaches: ['users', 'several users', 'no users', 'refused'],
  make(dice) {
    const users = dice.chance(0.5)
      ? some(dice, NAMES).map((name) => validUser(dice, name))
      : Array.from({ length: dice.integer(0, 3) }, () => makeUser(dice));
    const removed = Array.from({ length: dice.integer(0, 2) }, () => word(dice, NAMES));
    const version = dice.chance(0.95) ? 1 : dice.pick([0, 2, '1', null]);
    return damagedText(JSON.stringify({ version, users, removed }), dice);
  },
  run(input, reached) {
    const state = resultOrRefusal(() => parseStore(Buffer.from(input).toString(), 'users.json'), refused);
    if (state === undefined) {
      reached('refused');
      return;
    }
    reached(['no users', 'users'][state.users.size] ?? 'several users');
    const again = parseStore(formatStore(state), 'users.json');
    if (!isDeepStrictEqual(again, state)) throw new Error('The file is read back with other contents.');
  },
};
