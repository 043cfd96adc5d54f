import { inspect } from 'node:util';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';

/** The part of a tty or pipe that is used here. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** The program's log: a line of JSON each for machines, a short one where a person looks on. */
export function createLog(level: Config['logLevel'], output: Output): Logger {
  if (output.isTTY !== true) return pino({ level }, { write: (line) => output.write(line) });
  return pino({ level, base: null }, { write: (line) => output.write(humanLine(line)) });
}

/** `12:34:56 info  Listening  port=8443` of pino's JSON. */
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
