import { didYouMean } from '../../config/closest.ts';
import { ConfigError } from '../../config/errors.ts';
import { type ParsedFlags, parseFlags } from '../../config/parse-flags.ts';
import { CliError } from '../errors.ts';
import { CONNECTION_FLAGS, connectFleet } from './connection.ts';
import { DESKTOP_COMMANDS } from './desktop-commands.ts';
import { FLEET_COMMANDS } from './fleet-commands.ts';
import { HOST_COMMANDS } from './host-commands.ts';
import type { OperatorCommand } from './operator-command.ts';
import { operatorHelp } from './operator-help.ts';

/** Flags without a value, of all these commands. */
const PLAIN = ['help', 'json'] as const;

const COMMANDS: Readonly<Record<string, Readonly<Record<string, OperatorCommand>>>> = {
  desktop: DESKTOP_COMMANDS,
  host: HOST_COMMANDS,
  fleet: FLEET_COMMANDS,
};

/** Runs `deskwire desktop …`, `deskwire host …` or `deskwire fleet status`. Resolves with the exit status. */
export async function operate(noun: 'desktop' | 'host' | 'fleet', args: readonly string[]): Promise<number> {
  const commands = COMMANDS[noun]!;
  const own = Object.values(commands).flatMap(({ flags = [] }) => flags);
  const flags = parseFlags(args, { valued: [...CONNECTION_FLAGS, ...new Set(own)], plain: PLAIN });
  if (flags.plain.has('help') || args.length === 0) {
    process.stdout.write(operatorHelp(noun));
    return 0;
  }
  const { verb, command, names } = whatToDo(noun, commands, flags);
  const { values, plain } = flags;
  command.check?.(names, values);
  const client = await connectFleet(values, process.env);
  const result = await command.run({ client, names, values, verb });
  process.stdout.write(plain.has('json') && result.json !== undefined ? asJson(result.json) : result.text);
  if (result.fault === undefined) return 0;
  throw new CliError('CLI_NOT_AS_ASKED', result.fault);
}

function whatToDo(
  noun: string,
  commands: Readonly<Record<string, OperatorCommand>>,
  { positionals, values }: ParsedFlags,
): { verb: string; command: OperatorCommand; names: readonly string[] } {
  const [verb = '', ...names] = positionals;
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (command === undefined) {
    const detail =
      verb === '' ? `The command after "${noun}" is missing.` : `There is no command "${noun} ${verb}".`;
    throw new CliError('CLI_UNKNOWN_COMMAND', `${detail}${didYouMean(verb, Object.keys(commands))}`);
  }
  const { flags = [], least, most } = command;
  const strange = [...values.keys()].find(
    (flag) => !flags.includes(flag) && !CONNECTION_FLAGS.some((one) => one === flag),
  );
  const extra = strange === undefined ? names[most] : `--${strange}`;
  if (extra !== undefined)
    throw new ConfigError(
      'CFG_UNEXPECTED_ARGUMENT',
      `"${noun} ${verb}" does not take ${JSON.stringify(extra)}.`,
    );
  if (names.length < least)
    throw new CliError('CLI_NAME_MISSING', `"${noun} ${verb}" needs the name of a ${noun}.`);
  return { verb, command, names };
}

const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
