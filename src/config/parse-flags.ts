import { parseArgs } from 'node:util';
import { didYouMean } from './closest.ts';
import { ConfigError } from './errors.ts';

/** The flags of one command, without their dashes. */
export interface FlagNames {
  /** Flags with a value: `--port 8443` or `--port=8443`. */
  readonly valued: readonly string[];
  /** Flags without a value. */
  readonly plain: readonly string[];
  /** Valued flags that may stand alone: `--gl` is `--gl=true`, and `--no-gl` is `--gl=false`. */
  readonly switches?: readonly string[];
}

export interface ParsedFlags {
  /** The values of each flag, in the order given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly plain: ReadonlySet<string>;
  /** The arguments that are neither flags nor their values, in the order given. */
  readonly positionals: readonly string[];
}

/** Reads a command line. Throws CFG_UNKNOWN_FLAG, CFG_FLAG_NEEDS_VALUE or CFG_FLAG_TAKES_NO_VALUE. */
export function parseFlags(args: readonly string[], names: FlagNames): ParsedFlags {
  const values = new Map<string, string[]>();
  const plain = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokensOf(args, names)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, value, inlineValue } = token;
    const arg = args[token.index]!;
    const written = arg.startsWith('--') ? arg.split('=', 1)[0]! : arg;
    if (names.plain.includes(name)) {
      if (value !== undefined) throw new ConfigError('CFG_FLAG_TAKES_NO_VALUE', `${written} takes no value.`);
      plain.add(name);
    } else if (names.valued.includes(name)) {
      // `--run --x` lacks a value. `--run=--x` gives one that looks like a flag.
      if (value === undefined || (!inlineValue && value.startsWith('--')))
        throw new ConfigError('CFG_FLAG_NEEDS_VALUE', `${written} needs a value after it.`);
      values.set(name, [...(values.get(name) ?? []), value]);
    } else {
      const known = [...names.valued, ...names.plain].map((flag) => `--${flag}`);
      throw new ConfigError('CFG_UNKNOWN_FLAG', `There is no flag ${written}.${didYouMean(written, known)}`);
    }
  }
  return { values, plain, positionals };
}

/** Splits a command line. Node checks nothing here, because its errors have neither our codes nor a suggestion. */
function tokensOf(args: readonly string[], { valued, plain, switches = [] }: FlagNames) {
  const options = {
    ...Object.fromEntries(valued.map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(plain.map((name) => [name, { type: 'boolean' as const }])),
    help: { type: 'boolean' as const, short: 'h' },
  };
  return parseArgs({
    args: withValues(args, switches),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

/** Returns the same arguments, with a value after each switch that has none. */
function withValues(args: readonly string[], switches: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, at) => {
    if (end >= 0 && at >= end) return arg;
    if (switches.some((name) => arg === `--no-${name}`)) return `--${arg.slice('--no-'.length)}=false`;
    const hasValue = args[at + 1] !== undefined && !args[at + 1]!.startsWith('-');
    return !hasValue && switches.some((name) => arg === `--${name}`) ? `${arg}=true` : arg;
  });
}
