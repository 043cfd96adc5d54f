import { didYouMean } from './closest.ts';
import { ConfigError } from './errors.ts';

/** The flags of one command, without their dashes. */
export interface FlagNames {
  /** Flags with a value: `--port 8443` or `--port=8443`. */
  readonly valued: readonly string[];
  /** Flags that stand alone. */
  readonly plain: readonly string[];
}

export interface ParsedFlags {
  /** Values in the order given, by flag. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly plain: ReadonlySet<string>;
  /** What is not a flag, in order. */
  readonly positionals: readonly string[];
}

/** Reads a command line. Throws CFG_UNKNOWN_FLAG, CFG_FLAG_NEEDS_VALUE or CFG_FLAG_TAKES_NO_VALUE. */
export function parseFlags(args: readonly string[], names: FlagNames): ParsedFlags {
  const values = new Map<string, string[]>();
  const plain = new Set<string>();
  const positionals: string[] = [];

  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      positionals.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positionals.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const written = equals < 0 ? arg : arg.slice(0, equals);
    const flag = written === '-h' ? 'help' : written.replace(/^--/, '');
    const attached = equals < 0 ? undefined : arg.slice(equals + 1);

    if (names.plain.includes(flag)) {
      if (attached !== undefined)
        throw new ConfigError('CFG_FLAG_TAKES_NO_VALUE', `${written} takes no value.`);
      plain.add(flag);
    } else if (names.valued.includes(flag)) {
      // A flag is never taken for the value of the one before it; `--run=--x` says that it is meant.
      const next = args[index + 1];
      const value = attached ?? (next?.startsWith('--') ? undefined : next);
      if (value === undefined)
        throw new ConfigError('CFG_FLAG_NEEDS_VALUE', `${written} needs a value after it.`);
      if (attached === undefined) index++;
      values.set(flag, [...(values.get(flag) ?? []), value]);
    } else {
      const known = [...names.valued, ...names.plain].map((name) => `--${name}`);
      const guess = didYouMean(written, known);
      throw new ConfigError('CFG_UNKNOWN_FLAG', `There is no flag ${written}.${guess}`);
    }
  }
  return { values, plain, positionals };
}
