import { isIP } from 'node:net';
import type { Size } from '../pixels/rect.ts';
import { formatListenPlace, type PlainHttp, parseListenPlace } from './listen-place.ts';

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

export const oneOf = <Word extends string>(placeholder: string, words: readonly Word[]): ValueType<Word> => ({
  placeholder,
  allowed: `one of ${words.join(', ')}`,
  parse: (value) => words.find((word) => word === value),
  format: String,
});

/** Values separated by commas, or one per flag. */
export const list = <Item>(
  placeholder: string,
  allowed: string,
  one: (value: string) => Item | undefined,
  format: (item: Item) => string = String,
): ValueType<readonly Item[]> => ({
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
  format: (values) => values.map(format).join(','),
});

export const listenPlaces = list(
  'ADDRESS',
  'IP addresses or host names such as 127.0.0.1, :: or localhost:9443, or unix: with an absolute path of 107 bytes ' +
    'at most, divided by commas',
  parseListenPlace,
  formatListenPlace,
);

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

const PLAIN_HTTP: Readonly<Record<string, PlainHttp>> = {
  no: 'no',
  false: 'no',
  off: 'no',
  '0': 'no',
  yes: 'local',
  true: 'local',
  on: 'local',
  '1': 'local',
  local: 'local',
  everywhere: 'everywhere',
};

export const plainHttp: ValueType<PlainHttp> = {
  placeholder: '[WHERE]',
  allowed: 'yes, no or everywhere',
  parse: (value) => (Object.hasOwn(PLAIN_HTTP, value) ? PLAIN_HTTP[value] : undefined),
  format: String,
};

/** Paths of the server itself. A base path that begins with one would make its URLs ambiguous. */
const TAKEN_PATHS = /^\/(api|ticket|websockify|healthz|readyz|metrics)(\/|$)/;

/** The path below which a proxy shows the server, without a slash at its end. */
export const basePath: ValueType<string> = {
  placeholder: 'PATH',
  allowed:
    'a path such as /desk, of letters, digits and -._~%@:+=, which does not begin with /api or another of ours',
  parse: (value) => {
    const path = value.replace(/\/+$/, '');
    const isPath = /^(\/[\w.~%@:+=-]+)+$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path);
    return isPath && !TAKEN_PATHS.test(path) ? path : undefined;
  },
  format: String,
};

/**
 * Headers that mean something else, to browsers or to the server. `X-Forwarded-User` does not: it is the one of
 * oauth2-proxy.
 */
const TAKEN_HEADERS =
  /^(authorization|cookie|host|origin|referer|upgrade|connection|forwarded|x-real-ip|x-original-host|x-(forwarded|url)-(for|host|port|proto|protocol|scheme|ssl)|x-scheme|front-end-https|sec-.*)$/i;

export const headerName: ValueType<string> = {
  placeholder: 'NAME',
  allowed: 'the name of a header, such as X-Remote-User, that has no other meaning',
  parse: (value) => (/^[a-z\d][\w-]*$/i.test(value) && !TAKEN_HEADERS.test(value) ? value : undefined),
  format: String,
};
