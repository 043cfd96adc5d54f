import {
  CLIPBOARD_FORMATS,
  type ClipboardFormat,
  formatOfMime,
  MIME_TYPES,
} from '../protocol/clipboard-content.ts';
import { integer, type ValueType } from './values.ts';

/**
 * Bytes of the largest content, in all its forms together, that a setting can allow. A larger value takes more memory
 * for the desktop's clipboard, and for each viewer that it passes to.
 */
export const MOST_CLIPBOARD_BYTES = 16 << 20;

/**
 * Bytes of the largest clipboard content by default: ten megabytes of text. A larger value takes more memory for each
 * viewer, and more time before the viewer's next update.
 */
export const DEFAULT_CLIPBOARD_BYTES = 10 << 20;

export const boolean: ValueType<boolean> = {
  placeholder: 'BOOLEAN',
  allowed: 'true or false',
  parse: (text) => {
    const word = text.toLowerCase();
    return word === 'true' || word === 'false' ? word === 'true' : undefined;
  },
  format: String,
};

/** A whole number, or a word for a number that no content has. */
export const numberOr = (word: string, is: number, min: number, max: number): ValueType<number> => ({
  placeholder: 'NUMBER',
  allowed: `${word}, or a whole number from ${min} to ${max}`,
  parse: (text) => (text === word ? is : integer('NUMBER', min, max).parse(text)),
  format: (value) => (value === is ? word : String(value)),
});

/** Milliseconds between two uses of the clipboard. */
export const clipboardDelay = numberOr('none', 0, 0, 3_600_000);

/** Bytes of a content. `unlimited` is the most that can be set. */
export const clipboardSize: ValueType<number> = {
  placeholder: 'BYTES',
  allowed: `unlimited, which is ${MOST_CLIPBOARD_BYTES}, or a whole number of bytes up to that`,
  parse: (text) =>
    text === 'unlimited' ? MOST_CLIPBOARD_BYTES : integer('BYTES', 0, MOST_CLIPBOARD_BYTES).parse(text),
  format: String,
};

/** When viewers are told of marked text. */
export type PrimaryRule = 'auto' | 'always' | 'never';

const PRIMARY_WORDS: Readonly<Record<string, PrimaryRule>> = { auto: 'auto', true: 'always', false: 'never' };

export const primaryRule: ValueType<PrimaryRule> = {
  placeholder: 'auto|true|false',
  allowed: 'auto, true or false',
  parse: (text) => {
    const word = text.toLowerCase();
    return Object.hasOwn(PRIMARY_WORDS, word) ? PRIMARY_WORDS[word] : undefined;
  },
  format: (rule) => Object.keys(PRIMARY_WORDS).find((word) => PRIMARY_WORDS[word] === rule)!,
};

/**
 * Formats by their MIME types. Plain text always passes, as in KasmVNC, and types that the clipboard never has are
 * ignored.
 */
export const clipboardFormats: ValueType<readonly ClipboardFormat[]> = {
  placeholder: 'TYPES',
  allowed: 'a list of MIME types such as text/html',
  parse: (text) => {
    const types = text.split(',').map((type) => type.trim());
    if (!types.every((type) => /^[\w.+-]+\/[\w.+*-]+$/.test(type))) return undefined;
    const named = types.map(formatOfMime);
    return CLIPBOARD_FORMATS.filter((format) => format === 'text' || named.includes(format));
  },
  format: (formats) => formats.map((format) => MIME_TYPES[format]).join(','),
};
