import { isIP } from 'node:net';
import type { Size } from '../pixels/rect.ts';

/** Conversion of one kind of value from and to text. */
export interface ValueType<Value> {
  /** Placeholder in the help, such as PORT in `--port PORT`. */
  readonly placeholder: string;
  /** The allowed values, as the end of the sentence "it must be …". */
  readonly allowed: string;
  /** Returns the value, or undefined if the text is not valid. */
  parse(text: string): Value | undefined;
  /** Converts a value to text, for the help. */
  format(value: Value): string;
}

const text = (placeholder: string, allowed: string, pattern: RegExp): ValueType<string> => ({
  placeholder,
  allowed,
  parse: (value) => (pattern.test(value) ? value : undefined),
  format: String,
});

export const anyText = (placeholder: string): ValueType<string> =>
  text(placeholder, 'a text that is not empty', /\S/);

export const displayName = text(
  'DISPLAY',
  'an X display of this machine, such as :7',
  /^:\d{1,5}(\.\d{1,2})?$/,
);

export const userName = text('NAME', 'the name of a Unix user', /^[a-z_][\w.@-]{0,63}\$?$/i);

export const integer = (placeholder: string, min: number, max: number): ValueType<number> => ({
  placeholder,
  allowed: `a whole number from ${min} to ${max}`,
  parse: (value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  },
  format: String,
});

export const trueOrFalse: ValueType<boolean> = {
  placeholder: 'true|false',
  allowed: 'true or false',
  parse: (value) =>
    /^(true|yes|1)$/i.test(value) ? true : /^(false|no|0)$/i.test(value) ? false : undefined,
  format: String,
};

const MIN_SIDE_PX = 64;
/** Longest side of a desktop, in pixels: half of what JPEG and X's signed 16-bit numbers allow. */
const MAX_SIDE_PX = 16_384;

export const size: ValueType<Size> = {
  placeholder: 'WxH',
  allowed: `a size such as 1680x971, each side from ${MIN_SIDE_PX} to ${MAX_SIDE_PX}`,
  parse: (value) => {
    const [, width, height] = /^(\d{1,5})x(\d{1,5})$/i.exec(value) ?? [];
    const sides = [Number(width), Number(height)];
    if (!sides.every((side) => side >= MIN_SIDE_PX && side <= MAX_SIDE_PX)) return undefined;
    return { width: Number(width), height: Number(height) };
  },
  format: ({ width, height }) => `${width}x${height}`,
};

export const listenAddress: ValueType<string> = {
  placeholder: 'ADDRESS',
  allowed: 'an IP address or a host name, such as 127.0.0.1, :: or localhost',
  parse: (value) => {
    const bare = value.replace(/^\[(.*)\]$/, '$1');
    if (isIP(bare) !== 0) return bare;
    // A name of digits and dots is a mistyped IP address.
    const isName = /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(value);
    return isName && !/^[\d.]+$/.test(value) ? value : undefined;
  },
  format: String,
};

export const oneOf = <Word extends string>(placeholder: string, words: readonly Word[]): ValueType<Word> => ({
  placeholder,
  allowed: `one of ${words.join(', ')}`,
  parse: (value) => words.find((word) => word === value),
  format: String,
});

/** Values separated by commas, or one per flag. */
const list = (
  placeholder: string,
  allowed: string,
  one: (value: string) => string | undefined,
): ValueType<readonly string[]> => ({
  placeholder,
  allowed,
  parse: (value) => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(one);
    return items.length > 0 && items.every((item) => item !== undefined) ? items : undefined;
  },
  format: (values) => values.join(','),
});

export const origins = list('ORIGIN', 'origins such as https://example.org, divided by commas', (value) => {
  const url = URL.parse(value);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  return isOrigin ? url.origin : undefined;
});

/** Bits of an address by IP version: the longest prefix of a network. */
const ADDRESS_BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

export const networks = list(
  'ADDRESS',
  'IP addresses or networks such as 10.0.0.0/8 or fd00::/8, divided by commas',
  (value) => {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
    const bits = ADDRESS_BITS[isIP(address)];
    return bits !== undefined && Number(prefix ?? 0) <= bits ? value : undefined;
  },
);
