import { resolve } from 'node:path';
import { didYouMean } from '../closest.ts';
import { ConfigError } from '../errors.ts';
import type { YamlLeaf } from '../yaml-file.ts';
import { DLP_KEYS, DLP_KEYS_BY_PATH, type DlpKey } from './dlp-keys.ts';
import type { DlpRules, DlpSettings } from './dlp-settings.ts';

/** The key of the YAML file with these settings. */
export const DLP_BLOCK = 'data_loss_prevention';

/** The key in it with the rules of single users, which KasmVNC has not. */
const USERS = 'users';

/** Texts of the values by the path of their keys. */
type Texts = ReadonlyMap<string, string>;

/** Rules without any limit. */
export const NO_DLP: DlpSettings = { forAll: rulesOf(new Map(), '/'), byUser: new Map() };

/**
 * Reads the leaves below `data_loss_prevention`; the first name of their paths is that key. Relative paths of images are
 * relative to `folder`. Throws a ConfigError: CFG_UNKNOWN_KEY or CFG_BAD_VALUE.
 */
export function readDlp(leaves: readonly YamlLeaf[], folder: string): DlpSettings {
  const forAll = new Map<string, string>();
  const byUser = new Map<string, Map<string, string>>();
  for (const leaf of leaves) {
    const [, first, user, ...rest] = leaf.path;
    // A key without a value is a heading, such as those in KasmVNC's own file.
    if (leaf.text === '') continue;
    if (first === USERS && user !== undefined) {
      const texts = byUser.get(user) ?? new Map<string, string>();
      byUser.set(user, texts);
      take(leaf, rest.join('.'), texts);
    } else {
      take(leaf, leaf.path.slice(1).join('.'), forAll);
    }
  }
  return {
    forAll: rulesOf(forAll, folder),
    byUser: new Map([...byUser].map(([user, own]) => [user, rulesOf(new Map([...forAll, ...own]), folder)])),
  };
}

function take({ path, text, place }: YamlLeaf, name: string, texts: Map<string, string>): void {
  const key = DLP_KEYS_BY_PATH.get(name);
  const source = `${place}: ${path.join('.')}`;
  if (!key) {
    const guess = didYouMean(name, DLP_KEYS_BY_PATH.keys());
    throw new ConfigError('CFG_UNKNOWN_KEY', `${source}: there is no such key.${guess}`);
  }
  if (text === undefined || key.type.parse(text) === undefined) {
    const is = text === undefined ? 'this is' : `${JSON.stringify(text)} is`;
    throw new ConfigError('CFG_BAD_VALUE', `${source}: ${is} not allowed; it must be ${key.type.allowed}.`);
  }
  texts.set(name, text);
}

/** The rules that follow from texts that can all be parsed. */
function rulesOf(texts: Texts, folder: string): DlpRules {
  const of = <Value>({ path, type, defaultValue }: DlpKey<Value>): Value => {
    const text = texts.get(path);
    return text === undefined ? defaultValue : type.parse(text)!;
  };
  const keys = DLP_KEYS;
  const edges = [keys.left, keys.top, keys.right, keys.bottom];
  const template = of(keys.template);
  const image = of(keys.image);
  const content =
    template !== undefined
      ? ({
          kind: 'text',
          template,
          sizePx: of(keys.fontSize),
          angle: of(keys.angle),
          timeZone: of(keys.timeZone),
        } as const)
      : image !== undefined && ({ kind: 'image', file: resolve(folder, image) } as const);
  return {
    visibleRegion: edges.some(({ path }) => texts.has(path))
      ? { left: of(keys.left), top: of(keys.top), right: of(keys.right), bottom: of(keys.bottom) }
      : undefined,
    allowsPress: of(keys.clickDown),
    allowsRelease: of(keys.clickRelease),
    clipboard: {
      delayMs: of(keys.delay),
      formats: of(keys.mimeTypes),
      toClient: { isEnabled: of(keys.toClient), mostBytes: of(keys.toClientSize) },
      primary: of(keys.primary),
      toServer: { isEnabled: of(keys.toServer), mostBytes: of(keys.toServerSize) },
    },
    keyboard: { isEnabled: of(keys.keyboard), pressesPerSecond: of(keys.keyRate) },
    watermark: content
      ? { content, location: of(keys.location), spacingPx: of(keys.spacing), tint: of(keys.tint) }
      : undefined,
    isLogged: of(keys.logging) !== 'off',
  };
}
