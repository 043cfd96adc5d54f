import { CliError } from '../errors.ts';
import { contentOf, type FlagValues, given } from './connection.ts';

/** Flags whose texts are fields as they are, and the fields. */
const TEXTS = {
  template: 'template',
  run: 'command',
  size: 'size',
  restart: 'restart',
  home: 'home',
} as const;
/** The same for whole numbers. */
const NUMBERS = { ttl: 'ttl_s', 'idle-pause': 'idle_pause_s', 'idle-end': 'idle_end_s' } as const;
const LIMITS = { memory: 'memory_mb', cpu: 'cpu_percent', processes: 'processes' } as const;

/** The flags of `desktop create` that are for fields. */
export const FIELD_FLAGS = [
  ...[TEXTS, NUMBERS, LIMITS].flatMap((fields) => Object.keys(fields)),
  ...['label', 'environment-file'],
] as const;

/** What `desktop create` sends: the same fields for each name, or the content of a file. */
export function newDesktops(names: readonly string[], values: FlagValues): object {
  const file = given(values, 'file');
  if (file === undefined) {
    const fields = fieldsOf(values);
    return names.map((name) => ({ name, ...fields }));
  }
  const flag = FIELD_FLAGS.find((one) => values.has(one));
  if (names.length > 0 || flag !== undefined)
    throw new CliError(
      'CLI_OPTION_INVALID',
      `${flag === undefined ? 'A name' : `--${flag}`} and --file are given together: the file has all.`,
    );
  const content = jsonOf(file, '--file');
  if (typeof content !== 'object' || content === null)
    throw new CliError('CLI_OPTION_INVALID', `--file: ${file} has neither an object nor a list.`);
  return content;
}

function fieldsOf(values: FlagValues): object {
  const pick = (flags: Readonly<Record<string, string>>, read: (text: string, flag: string) => unknown) =>
    Object.fromEntries(
      Object.entries(flags).flatMap(([flag, field]) => {
        const text = given(values, flag);
        return text === undefined ? [] : [[field, read(text, flag)]];
      }),
    );
  const limits = pick(LIMITS, numberOf);
  const labels = values.get('label');
  const environmentFile = given(values, 'environment-file');
  return {
    ...pick(TEXTS, (text) => text),
    ...pick(NUMBERS, numberOf),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(labels && { labels }),
    ...(environmentFile !== undefined && { environment: jsonOf(environmentFile, '--environment-file') }),
  };
}

function numberOf(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CliError('CLI_OPTION_INVALID', `--${flag}: "${text}" is no whole number.`);
}

function jsonOf(file: string, flag: string): unknown {
  const text = contentOf(file, flag);
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError('CLI_OPTION_INVALID', `${flag}: ${file} is not JSON.`);
  }
}
