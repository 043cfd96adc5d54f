import { openAccounts } from '../accounts/file-accounts.ts';
import { FileTokens } from '../accounts/file-tokens.ts';
import { ALL_SCOPES, isScope, type Scope } from '../accounts/scopes.ts';
import type { Token } from '../accounts/token-file.ts';
import { didYouMean } from '../config/closest.ts';
import { ConfigError } from '../config/errors.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ParsedFlags, parseFlags } from '../config/parse-flags.ts';
import { CliError } from './errors.ts';
import { tokenHelp } from './help.ts';
import { recordChange } from './record-change.ts';
import { columns } from './table.ts';

const COMMANDS = ['create', 'list', 'revoke'] as const;
type TokenCommand = (typeof COMMANDS)[number];

/** Flags of `create` alone. */
const OWN_FLAGS = ['user', 'scope', 'expires'] as const;

/** A life such as `90d`, and the seconds of its units. */
const LIFE = /^(\d{1,9})([smhd])$/;
const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const DEFAULT_LIFE = '90d';

/** Runs `deskwire token …`. It uses the same files as a running server, with the same locks. */
export async function token(args: readonly string[]): Promise<void> {
  const flags = parseFlags(args, {
    valued: ['data', 'config', 'audit-log', ...OWN_FLAGS],
    plain: ['help'],
  });
  if (flags.plain.has('help') || args.length === 0) {
    process.stdout.write(tokenHelp());
    return;
  }
  const { command, subject } = whatToDo(flags);
  const request = command === 'create' ? requestOf(flags.values, subject) : undefined;
  const values = new Map([...flags.values].filter(([name]) => !isOwnFlag(name)));
  const { config } = loadConfig(values, process.env, process.cwd());
  const report = (text: unknown) => process.stderr.write(`deskwire: ${String(text)}\n`);
  const accounts = await openAccounts({ folder: config.data, onProblem: report, onWarning: report });
  const tokens = new FileTokens({ folder: config.data, accounts, onProblem: report, onWarning: report });
  try {
    if (request !== undefined) {
      const create = () => tokens.create(request);
      const made = await recordChange(config, 'token create', { user: request.user }, create);
      const { id, expiresMs } = made.token;
      process.stderr.write(
        `Token ${id} of ${request.user}, until ${time(expiresMs)}. It is shown only now:\n`,
      );
      process.stdout.write(`${made.text}\n`);
    } else if (command === 'list') {
      process.stdout.write(table(tokens.list()));
    } else {
      const user = tokens.list().find(({ id }) => id === subject)?.user ?? '';
      await recordChange(config, 'token revoke', { user }, () => tokens.revoke(subject));
      process.stdout.write(`Revoked ${subject}.\n`);
    }
  } finally {
    await tokens.close();
    await accounts.close();
  }
}

const isOwnFlag = (name: string): boolean => OWN_FLAGS.some((own) => own === name);

function whatToDo({ positionals, values }: ParsedFlags): { command: TokenCommand; subject: string } {
  const [word = '', subject = '', ...rest] = positionals;
  const command = COMMANDS.find((candidate) => candidate === word);
  if (command === undefined) {
    const detail =
      word === '' ? 'The command after "token" is missing.' : `There is no command "token ${word}".`;
    throw new CliError('CLI_UNKNOWN_COMMAND', `${detail}${didYouMean(word, COMMANDS)}`);
  }
  const own = command === 'create' ? undefined : [...values.keys()].find(isOwnFlag);
  const extra = (command === 'list' ? positionals[1] : rest[0]) ?? (own && `--${own}`);
  if (extra !== undefined) {
    const detail = `"token ${command}" does not take ${JSON.stringify(extra)}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  if (command !== 'list' && subject === '') {
    const needed =
      command === 'create' ? 'a name for the token' : 'the id of a token, as "token list" shows it';
    throw new CliError('CLI_TOKEN_MISSING', `"token ${command}" needs ${needed}.`);
  }
  return { command, subject };
}

function requestOf(values: ParsedFlags['values'], name: string) {
  const user = values.get('user')?.at(-1);
  if (user === undefined)
    throw new CliError(
      'CLI_TOKEN_USER_MISSING',
      '"token create" needs --user NAME: whose rights the token has.',
    );
  const scopes = (values.get('scope') ?? []).flatMap((list) => list.split(',')).map(scopeOf);
  if (scopes.length === 0) {
    const detail = `"token create" needs --scope, once or more: ${ALL_SCOPES.join(', ')}.`;
    throw new CliError('CLI_SCOPE_UNKNOWN', detail);
  }
  const life = values.get('expires')?.at(-1) ?? DEFAULT_LIFE;
  const [, count, unit = ''] = LIFE.exec(life) ?? [];
  if (count === undefined)
    throw new CliError(
      'CLI_LIFE_INVALID',
      `--expires takes a number and s, m, h or d, such as ${DEFAULT_LIFE}.`,
    );
  return { name, user, scopes, expiresS: Number(count) * UNIT_S[unit]! };
}

function scopeOf(word: string): Scope {
  if (isScope(word)) return word;
  const detail = `There is no scope "${word}".${didYouMean(word, ALL_SCOPES)} Scopes: ${ALL_SCOPES.join(', ')}.`;
  throw new CliError('CLI_SCOPE_UNKNOWN', detail);
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function table(tokens: readonly Token[]): string {
  const rows = tokens.map(({ id, name, user, scopes, expiresMs, usedMs }) => {
    return [id, user, time(expiresMs), usedMs === undefined ? 'never' : time(usedMs), scopes.join(','), name];
  });
  const all = [['ID', 'USER', 'EXPIRES', 'LAST USED', 'SCOPES', 'NAME'], ...rows];
  return columns(all);
}
