import { isValidName } from '../accounts/account-changes.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { AccountsError } from '../accounts/errors.ts';
import { openAccounts } from '../accounts/file-accounts.ts';
import type { Rights, User } from '../accounts/user.ts';
import type { NamedUser } from '../audit/audit.ts';
import { didYouMean } from '../config/closest.ts';
import { ConfigError } from '../config/errors.ts';
import { loadConfig } from '../config/load-config.ts';
import { parseFlags } from '../config/parse-flags.ts';
import { CliError } from './errors.ts';
import { userHelp } from './help.ts';
import { readNewPassword } from './read-password.ts';
import { recordChange } from './record-change.ts';

const COMMANDS = ['add', 'list', 'remove', 'passwd'] as const;
type UserCommand = (typeof COMMANDS)[number];

const RIGHTS = ['read', 'write', 'owner'] as const;

/** Runs `deskwire user …`. It uses the same accounts as a running server, with the same lock. */
export async function user(args: readonly string[]): Promise<void> {
  const { values, plain, positionals } = parseFlags(args, {
    valued: ['data', 'config', 'audit-log'],
    plain: ['help', ...RIGHTS],
  });
  if (plain.has('help') || (positionals.length === 0 && args.length === 0)) {
    process.stdout.write(userHelp());
    return;
  }
  const { command, name } = whatToDo(positionals);
  if (command !== 'add') refuseRights(plain, command);

  const { config } = loadConfig(values, process.env, process.cwd());
  const accounts = await openAccounts({
    folder: config.data,
    onProblem: (problem) => process.stderr.write(`deskwire: ${String(problem)}\n`),
    onWarning: (warning) => process.stderr.write(`deskwire: ${warning}\n`),
  });
  try {
    if (command === 'list') process.stdout.write(table(accounts.list()));
    else {
      const named = namedUser(command, name, plain);
      const todo = () => change(accounts, command, name, plain);
      process.stdout.write(`${await recordChange(config, `user ${command}`, named, todo)}\n`);
    }
  } finally {
    await accounts.close();
  }
}

function whatToDo(positionals: readonly string[]): { command: UserCommand; name: string } {
  const [word = '', name = '', ...rest] = positionals;
  const command = COMMANDS.find((candidate) => candidate === word);
  if (command === undefined) {
    const detail =
      word === '' ? 'The command after "user" is missing.' : `There is no command "user ${word}".`;
    throw new CliError('CLI_UNKNOWN_COMMAND', `${detail}${didYouMean(word, COMMANDS)}`);
  }
  const extra = command === 'list' ? positionals[1] : rest[0];
  if (extra !== undefined) throw unexpected(extra, command);
  if (command !== 'list' && name === '')
    throw new CliError('CLI_NAME_MISSING', `"user ${command}" needs the name of a user.`);
  return { command, name };
}

function refuseRights(plain: ReadonlySet<string>, command: UserCommand): void {
  const given = RIGHTS.find((right) => plain.has(right));
  if (given !== undefined) throw unexpected(`--${given}`, command);
}

const unexpected = (what: string, command: UserCommand): ConfigError =>
  new ConfigError('CFG_UNEXPECTED_ARGUMENT', `"user ${command}" does not take ${JSON.stringify(what)}.`);

/** What a command does to a user, for the audit trail. */
function namedUser(command: UserCommand, name: string, plain: ReadonlySet<string>): NamedUser {
  if (command === 'remove') return { user: name, removed: true };
  const rights = Object.fromEntries(RIGHTS.map((right) => [right, plain.has(right)]));
  return { user: name, password: true, ...(command === 'add' && rights) };
}

/** Changes one user, and prints what was done. */
async function change(
  accounts: Accounts,
  command: Exclude<UserCommand, 'list'>,
  name: string,
  plain: ReadonlySet<string>,
): Promise<string> {
  if (command === 'remove') {
    await accounts.apply([{ kind: 'remove', name }]);
    return `Removed ${name}.`;
  }
  // Checked before the password is asked for, not after it was typed twice.
  if (!isValidName(name)) throw new AccountsError('ACCOUNTS_NAME_INVALID');
  const exists = accounts.get(name) !== undefined;
  if (command === 'add' && exists) throw new AccountsError('ACCOUNTS_USER_EXISTS');
  if (command === 'passwd' && !exists) throw new AccountsError('ACCOUNTS_NO_SUCH_USER');

  const password = await readNewPassword(process.stdin, process.stderr);
  if (command === 'passwd') {
    await accounts.apply([{ kind: 'update', name, password, rights: {} }]);
    return `Changed the password of ${name}.`;
  }
  const rights: Rights = { read: plain.has('read'), write: plain.has('write'), owner: plain.has('owner') };
  await accounts.apply([{ kind: 'create', name, password, rights, overwrite: false }]);
  const added = accounts.get(name);
  return `Added ${name} (${added === undefined ? 'removed since' : rightsOf(added)}).`;
}

function rightsOf(rights: Rights): string {
  return RIGHTS.filter((right) => rights[right]).join(', ') || 'no rights';
}

function table(users: readonly User[]): string {
  const rows = [['NAME', 'RIGHTS'], ...users.map((one) => [one.name, rightsOf(one)])];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', rights = '']) => `${name.padEnd(width)}  ${rights}\n`).join('');
}
