import type { Option } from '../config/option.ts';

const COLUMNS = 100;
const INDENT = 32;

/** The lines of a setting. */
export function optionHelp(option: Option<unknown>): string {
  const value = option.defaultHelp === undefined ? option.defaultValue({}) : undefined;
  const isNone = value === undefined || (Array.isArray(value) && value.length === 0);
  const text = option.defaultHelp ?? (isNone ? undefined : option.type.format(value as NonNullable<unknown>));
  return entry(`--${option.flag} ${option.type.placeholder}`, option.help, text);
}

/** Formats a flag and its text, which is wrapped next to it, or below it if the flag is long. */
export function entry(flag: string, text: string, defaultText?: string): string {
  const words = (defaultText === undefined ? text : `${text} [${defaultText}]`).split(' ');
  const lines = [''];
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && INDENT + line.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  if (flag.length + 4 > INDENT) lines.unshift('');
  const [first, ...others] = lines;
  const rest = others.map((line) => `${' '.repeat(INDENT)}${line}\n`).join('');
  const head = `${`  ${flag}`.padEnd(INDENT)}${first}`.trimEnd();
  return `${head}\n${rest}`;
}
