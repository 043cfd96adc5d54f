import type { Edge } from '../../pixels/visible-region.ts';
import { CLIPBOARD_FORMATS } from '../../protocol/clipboard-content.ts';
import {
  boolean,
  clipboardDelay,
  clipboardFormats,
  MOST_CLIPBOARD_BYTES,
  numberOr,
  primaryRule,
} from '../clipboard-values.ts';
import { integer, oneOf, type ValueType } from '../values.ts';
import type { Tint } from './dlp-settings.ts';
import { isTimeZone, templateFault } from './template.ts';

/** One key below `data_loss_prevention`. The names are KasmVNC's. */
export interface DlpKey<Value> {
  /** Names of the key and of those above it, joined by dots. */
  readonly path: string;
  readonly type: ValueType<Value>;
  readonly defaultValue: Value;
}

/** Most pixels from a border: the longest side of a screen in X. */
const MOST_PLACE_PX = 65_535;

const BORDER: Edge = { kind: 'inset', px: 0 };

const edge: ValueType<Edge> = {
  placeholder: 'EDGE',
  allowed: 'pixels such as 10, pixels from the border on its side such as -10, or per cent such as 10%',
  parse: (text) => {
    const [, minus, digits, percent] = /^(-?)(\d{1,5}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? [];
    if (digits === undefined) return undefined;
    const number = Number(digits);
    if (percent) return minus || number > 100 ? undefined : { kind: 'percent', percent: number };
    if (number > MOST_PLACE_PX || !Number.isInteger(number)) return undefined;
    // No pixels are no border, on each side.
    if (number === 0) return BORDER;
    return minus ? { kind: 'inset', px: number } : { kind: 'at', px: number };
  },
  format: (value) =>
    value.kind === 'percent'
      ? `${value.percent}%`
      : `${value.kind === 'inset' && value.px > 0 ? '-' : ''}${value.px}`,
};

/** Whole numbers divided by commas, as many as `count`. */
function integers(text: string, count: number, pattern: RegExp): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  return parts.length === count && parts.every((part) => pattern.test(part)) ? parts.map(Number) : undefined;
}

const location: ValueType<{ x: number; y: number } | undefined> = {
  placeholder: 'X,Y',
  allowed: 'two numbers of pixels such as 10,10 or -10,-10',
  parse: (text) => {
    const [x, y] = integers(text, 2, /^-?\d{1,5}$/) ?? [];
    return x === undefined || y === undefined ? undefined : { x, y };
  },
  format: (value) => (value ? `${value.x},${value.y}` : ''),
};

const tint: ValueType<Tint> = {
  placeholder: 'R,G,B,A',
  allowed: 'four numbers from 0 to 255: red, green, blue and opacity',
  parse: (text) => {
    const [red, green, blue, alpha] = integers(text, 4, /^\d{1,3}$/) ?? [];
    if (red === undefined || green === undefined || blue === undefined || alpha === undefined)
      return undefined;
    return Math.max(red, green, blue, alpha) > 255 ? undefined : { red, green, blue, alpha };
  },
  format: ({ red, green, blue, alpha }) => [red, green, blue, alpha].join(','),
};

/** Bytes of the longest template. A longer text would not fit on a screen, and takes longer to draw. */
const MOST_TEMPLATE_BYTES = 256;

const template: ValueType<string | undefined> = {
  placeholder: 'TEXT',
  allowed: `a text of up to ${MOST_TEMPLATE_BYTES} bytes, with no variables but \${USER} and \${ADDRESS}, and no directives of strftime but those in docs/data-loss-prevention.md`,
  parse: (text) => {
    const isOk = text.trim() !== '' && Buffer.byteLength(text) <= MOST_TEMPLATE_BYTES && !templateFault(text);
    return isOk ? text : undefined;
  },
  format: String,
};

const timeZone: ValueType<string | undefined> = {
  placeholder: 'ZONE',
  allowed: 'a time zone such as Europe/Berlin',
  parse: (text) => (isTimeZone(text) ? text : undefined),
  format: String,
};

const file: ValueType<string | undefined> = {
  placeholder: 'FILE',
  allowed: 'the path of a PNG file',
  parse: (text) => (/\S/.test(text) ? text : undefined),
  format: String,
};

const key = <Value>(path: string, type: ValueType<Value>, defaultValue: Value): DlpKey<Value> => ({
  path,
  type,
  defaultValue,
});

const MOST_BYTES = 999_999_999;

/** Every key below `data_loss_prevention`. docs/data-loss-prevention.md has the same table. */
export const DLP_KEYS = {
  left: key('visible_region.left', edge, BORDER),
  top: key('visible_region.top', edge, BORDER),
  right: key('visible_region.right', edge, BORDER),
  bottom: key('visible_region.bottom', edge, BORDER),
  clickDown: key('visible_region.concealed_region.allow_click_down', boolean, false),
  clickRelease: key('visible_region.concealed_region.allow_click_release', boolean, false),
  delay: key('clipboard.delay_between_operations', clipboardDelay, 0),
  mimeTypes: key('clipboard.allow_mimetypes', clipboardFormats, CLIPBOARD_FORMATS),
  toClient: key('clipboard.server_to_client.enabled', boolean, true),
  toClientSize: key(
    'clipboard.server_to_client.size',
    numberOr('unlimited', MOST_CLIPBOARD_BYTES, 0, MOST_BYTES),
    MOST_CLIPBOARD_BYTES,
  ),
  primary: key('clipboard.server_to_client.primary_clipboard_enabled', primaryRule, 'auto'),
  toServer: key('clipboard.client_to_server.enabled', boolean, true),
  toServerSize: key(
    'clipboard.client_to_server.size',
    numberOr('unlimited', MOST_CLIPBOARD_BYTES, 0, MOST_BYTES),
    MOST_CLIPBOARD_BYTES,
  ),
  keyboard: key('keyboard.enabled', boolean, true),
  keyRate: key('keyboard.rate_limit', numberOr('unlimited', Infinity, 1, 10_000), Infinity),
  image: key('watermark.image', file, undefined),
  location: key('watermark.location', location, undefined),
  tint: key('watermark.tint', tint, { red: 255, green: 255, blue: 255, alpha: 255 }),
  spacing: key('watermark.repeat_spacing', integer('PIXELS', 0, 4096), 0),
  template: key('watermark.text.template', template, undefined),
  // There is one font, which is Deskwire's own.
  font: key('watermark.text.font', oneOf('auto', ['auto']), 'auto'),
  fontSize: key('watermark.text.font_size', integer('PIXELS', 8, 256), 48),
  timeZone: key('watermark.text.timezone_name', timeZone, undefined),
  angle: key('watermark.text.angle', integer360(), 0),
  // `verbose` is `info`: nothing that a user types or copies is ever logged.
  logging: key('logging.level', oneOf('LEVEL', ['off', 'info', 'verbose']), 'off'),
} as const;

/** All keys by their path. */
export const DLP_KEYS_BY_PATH: ReadonlyMap<string, DlpKey<unknown>> = new Map(
  Object.values(DLP_KEYS).map((one) => [one.path, one as DlpKey<unknown>]),
);

function integer360(): ValueType<number> {
  return {
    placeholder: 'DEGREES',
    allowed: 'a whole number from -359 to 359',
    parse: (text) => (/^-?\d{1,3}$/.test(text) && Math.abs(Number(text)) < 360 ? Number(text) : undefined),
    format: String,
  };
}
