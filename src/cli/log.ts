import { inspect } from 'node:util';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';

/** The part of a terminal or pipe that the log uses. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Creates the program's log: one line of JSON per entry, or a short readable line in a terminal. */
export function createLog(level: Config['logLevel'], output: Output): Logger {
  if (output.isTTY !== true) return pino({ level }, { write: (line) => output.write(line) });
  return pino({ level, base: null }, { write: (line) => output.write(humanLine(line)) });
}

/** Formats pino's JSON as `12:34:56 info  Listening  port=8443`. */
function humanLine(json: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const word = (pino.levels.labels[Number(level)] ?? String(level)).padEnd(5);
  const details = Object.entries(rest).map(
    ([key, value]) =>
      `${key}=${typeof value === 'string' ? value : inspect(value, { breakLength: Infinity })}`,
  );
  const stack = isRecord(err) ? `\n${String(err.stack ?? err.message)}` : '';
  return `${[`${clock} ${word} ${String(msg ?? '')}`, ...details].join('  ')}${stack}\n`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
