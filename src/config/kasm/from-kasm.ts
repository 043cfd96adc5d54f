import type { Settings } from '../config.ts';
import { DLP_KEYS_BY_PATH } from '../dlp/dlp-keys.ts';
import { DLP_BLOCK } from '../dlp/read-dlp.ts';
import type { Option } from '../option.ts';
import { SCHEMA } from '../schema.ts';
import type { YamlLeaf } from '../yaml-file.ts';
import { type KasmEnvironment, kasmKeyOf } from './kasm-keys.ts';

/** What became of one key of a kasmvnc.yaml. */
export interface KasmEntry {
  /** Names of the key and of those above it, joined by dots. */
  readonly key: string;
  readonly value: string;
  /** Taken: it is a line of the new file. Same: Deskwire does so without a setting. */
  readonly outcome: 'taken' | 'same' | 'not taken';
  /** What it became, or why it is not taken. */
  readonly note: string;
}

export interface FromKasm {
  /** A YAML file for Deskwire. */
  readonly yaml: string;
  readonly entries: readonly KasmEntry[];
}

/** Sides that are known of a size. */
type Sides = { width?: string; height?: string };

/** Converts the leaves of a kasmvnc.yaml into a configuration of Deskwire. Never throws: it says what it does not take. */
export function fromKasm(leaves: readonly YamlLeaf[], env: KasmEnvironment): FromKasm {
  const entries: KasmEntry[] = [];
  const settings = new Map<keyof Settings, string>();
  const sizes = new Map<keyof Settings, Sides>();
  const dlp: YamlLeaf[] = [];
  for (const leaf of leaves) {
    const { path, text: value } = leaf;
    // A key without a value is a heading in KasmVNC's own file.
    if (value === '') continue;
    const key = path.join('.');
    const note = (outcome: KasmEntry['outcome'], text: string): void => {
      entries.push({ key, value: value ?? '…', outcome, note: text });
    };
    if (value === undefined) note('not taken', 'this is not a single value');
    else if (path[0] === DLP_BLOCK) takeDlp({ ...leaf, text: value }, dlp, note);
    else takeOther(path, value, env, { settings, sizes }, note);
  }
  for (const [setting, { width, height }] of sizes) {
    if (width !== undefined && height !== undefined) settings.set(setting, `${width}x${height}`);
  }
  return { yaml: write(settings, dlp), entries };
}

/** What is different about keys below data_loss_prevention, or about one of their values. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'clipboard.allow_mimetypes': 'of which only text/html and image/png ever pass beside plain text',
  'logging.level: verbose': 'as info: contents are never logged',
};

type Note = (outcome: KasmEntry['outcome'], text: string) => void;

function takeDlp(leaf: YamlLeaf & { readonly text: string }, dlp: YamlLeaf[], note: Note): void {
  const key = DLP_KEYS_BY_PATH.get(leaf.path.slice(1).join('.'));
  if (!key) {
    note('not taken', 'Deskwire has no such key');
  } else if (key.type.parse(leaf.text) === undefined) {
    note('not taken', `it must be ${key.type.allowed}`);
  } else {
    dlp.push(leaf);
    note('taken', DIFFERENCES[`${key.path}: ${leaf.text}`] ?? DIFFERENCES[key.path] ?? 'as it is');
  }
}

function takeOther(
  path: readonly string[],
  value: string,
  env: KasmEnvironment,
  to: { readonly settings: Map<keyof Settings, string>; readonly sizes: Map<keyof Settings, Sides> },
  note: Note,
): void {
  const rule = kasmKeyOf(path);
  if (!rule) {
    note('not taken', 'Deskwire does not know this key');
  } else if (rule.kind === 'none') {
    note('not taken', rule.why);
  } else if (rule.kind === 'same') {
    if (rule.values.includes(value)) note('same', 'Deskwire always does this');
    else note('not taken', rule.otherwise);
  } else {
    const { flag, type } = SCHEMA[rule.setting] as Option<unknown>;
    const sides = to.sizes.get(rule.setting) ?? {};
    const text = rule.kind === 'side' ? value : rule.convert(value, env);
    // A side is tried as that of a square.
    const whole = rule.kind === 'side' ? `${value}x${value}` : text;
    if (text === undefined || whole === undefined || type.parse(whole) === undefined) {
      note('not taken', `${flag} must be ${type.allowed}`);
      return;
    }
    if (rule.kind === 'side') to.sizes.set(rule.setting, { ...sides, [rule.side]: text });
    else to.settings.set(rule.setting, text);
    note('taken', `as ${flag}`);
  }
}

/** Writes the file. Values are quoted as JSON, which YAML can read, unless they are plain. */
function write(settings: ReadonlyMap<keyof Settings, string>, dlp: readonly YamlLeaf[]): string {
  const lines = [...settings].map(([setting, text]) => `${SCHEMA[setting].flag}: ${quoted(text)}`);
  let above: readonly string[] = [];
  for (const { path, text = '' } of dlp) {
    const shared = path.findIndex((name, i) => name !== above[i]);
    for (let level = Math.max(0, shared); level < path.length; level++) {
      const isLeaf = level === path.length - 1;
      lines.push(`${'  '.repeat(level)}${path[level]}:${isLeaf ? ` ${quoted(text)}` : ''}`);
    }
    above = path;
  }
  return lines.map((line) => `${line}\n`).join('');
}

const quoted = (text: string): string => (/^(\d{1,9}|[a-z]+)$/.test(text) ? text : JSON.stringify(text));
