import { DLP_KEYS, type DlpKey } from './dlp/dlp-keys.ts';
import { DLP_BLOCK } from './dlp/read-dlp.ts';
import type { Option } from './option.ts';
import { CONFIG_KEYS, envNameOf, SCHEMA } from './schema.ts';

/** Longest line of the comments. */
const COLUMNS = 100;

/**
 * Returns a YAML file with every setting, its comment and its default. All of it is commented out, so that the file
 * changes nothing as it is, and a later version's defaults apply.
 */
export function exampleYaml(): string {
  const settings = CONFIG_KEYS.map((key) => example(SCHEMA[key] as Option<unknown>)).join('\n');
  return `# Settings of Deskwire. A setting applies when the # before its key is removed. Flags override the
# environment, which overrides this file: port is --port and ${envNameOf('port')} there.
# Give the file by --config FILE or ${envNameOf('config')}. Relative paths are relative to its folder.

${settings}
${dlpExample()}`;
}

function example({ flag, type, help, defaultValue, defaultHelp }: Option<unknown>): string {
  const value = defaultHelp === undefined ? defaultValue({}) : undefined;
  const isNone = value === undefined || (Array.isArray(value) && value.length === 0);
  const notes = [`Must be ${type.allowed}.`];
  if (defaultHelp !== undefined) notes.push(`Default: ${defaultHelp}.`);
  else if (isNone) notes.push('Default: none.');
  return `${comment([help, ...notes].join(' '))}#${flag}: ${isNone ? `${type.placeholder}` : scalar(type.format(value as NonNullable<unknown>))}\n`;
}

/** The block that limits what users take out and bring in, of which the YAML file alone can have the keys. */
function dlpExample(): string {
  const lines: string[] = [];
  let above: readonly string[] = [];
  for (const { path, type, defaultValue } of Object.values(DLP_KEYS) as DlpKey<unknown>[]) {
    const words = path.split('.');
    const name = words.pop()!;
    for (const [depth, word] of words.entries()) {
      if (above[depth] !== word || !isPrefix(words.slice(0, depth), above))
        lines.push(`${indent(depth)}${word}:`);
    }
    above = words;
    const text = defaultValue === undefined ? '' : type.format(defaultValue);
    lines.push(`${indent(words.length)}${name}: ${text === '' ? type.placeholder : scalar(text)}`);
  }
  const head = comment(
    'What users may take out of the desktop and bring into it: docs/data-loss-prevention.md.',
  );
  return `${head}#${DLP_BLOCK}:\n${lines.map((line) => `#${line}\n`).join('')}`;
}

const indent = (depth: number): string => '  '.repeat(depth + 1);

const isPrefix = (words: readonly string[], of: readonly string[]): boolean =>
  words.every((word, i) => of[i] === word);

/** Quotes what YAML would not read as the text that it is, such as `::` or `{…}`. */
const scalar = (text: string): string => (/^[\w/.-][\w/. -]*$/.test(text) ? text : JSON.stringify(text));

/** Wraps a text in comment lines. */
function comment(text: string): string {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '#' && line.length + 1 + word.length > COLUMNS) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return `${lines.join('\n')}\n`;
}
