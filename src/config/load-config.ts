import { dirname, resolve } from 'node:path';
import { didYouMean } from './closest.ts';
import type { Config, Settings } from './config.ts';
import type { DlpSettings } from './dlp/dlp-settings.ts';
import { DLP_BLOCK, NO_DLP, readDlp } from './dlp/read-dlp.ts';
import { ConfigError } from './errors.ts';
import { formatListenPlace, isLocalPlace } from './listen-place.ts';
import type { Environment, Option } from './option.ts';
import type { ParsedFlags } from './parse-flags.ts';
import { CONFIG_KEYS, envNameOf, SCHEMA } from './schema.ts';
import { plainHttp, trueOrFalse } from './values.ts';
import {
  IGNORE_HANGUP_ENV,
  OPERATOR_ENVS,
  OWNER_PASSWORD_ENV,
  RUNTIME_DIR_ENV,
  STORE_ENV,
  STORE_FILE_ENV,
} from './variables.ts';
import { readYamlFile } from './yaml-file.ts';

/** Flags with a value, for the commands that accept all settings. */
export const CONFIG_FLAGS: readonly string[] = [...CONFIG_KEYS.map((key) => SCHEMA[key].flag), 'config'];

/** Those of them that may stand without a value: `--gl` is `--gl=true`. */
export const CONFIG_SWITCHES: readonly string[] = CONFIG_KEYS.filter((key) =>
  ([trueOrFalse, plainHttp] as readonly unknown[]).includes(SCHEMA[key].type),
).map((key) => SCHEMA[key].flag);

/** DESKWIRE_ variables that are no setting. */
const OTHER_ENV_NAMES: readonly string[] = [
  ...[envNameOf('config'), OWNER_PASSWORD_ENV, RUNTIME_DIR_ENV, IGNORE_HANGUP_ENV],
  ...Object.values(OPERATOR_ENVS),
  ...[STORE_ENV, STORE_FILE_ENV],
];

export interface LoadedConfig {
  readonly config: Config;
  /** Warnings about ignored variables that look like typing errors, in whole sentences. */
  readonly warnings: readonly string[];
}

type SettingKey = keyof Settings;

/** The ways to write a setting in the YAML file. */
const yamlNames = (key: SettingKey): readonly string[] => {
  const { flag, yamlPath } = SCHEMA[key];
  return yamlPath === undefined ? [flag] : [flag, yamlPath];
};

/** The keys above those settings that have a path. */
const YAML_HEADINGS: ReadonlySet<string> = new Set(
  CONFIG_KEYS.flatMap((key) => {
    const names = SCHEMA[key].yamlPath?.split('.') ?? [];
    return names.slice(0, -1).map((_, i) => names.slice(0, i + 1).join('.'));
  }),
);

/** A value as the user wrote it. */
interface Written {
  readonly text: string;
  /** Place for errors: `--port`, `DESKWIRE_PORT`, `/etc/deskwire.yaml, line 3, column 1: port`. */
  readonly source: string;
  /** Folder that relative paths are relative to. */
  readonly folder: string;
}

/**
 * Loads the configuration: defaults, overridden by the YAML file, the environment and flags, in this order.
 * `--config` or DESKWIRE_CONFIG names the file. Paths become absolute: those in the file are relative to its
 * folder, all others to `cwd`. Throws ConfigError.
 */
export function loadConfig(flags: ParsedFlags['values'], env: Environment, cwd: string): LoadedConfig {
  const written = new Map<SettingKey, Written>();
  let dataLossPrevention = NO_DLP;
  const file = flags.get('config')?.at(-1) ?? (env[envNameOf('config')] || undefined);
  if (file !== undefined) dataLossPrevention = fromFile(resolve(cwd, file), written);
  const warnings = fromEnvironment(env, cwd, written);
  fromFlags(flags, cwd, written);

  const settings = Object.fromEntries(
    CONFIG_KEYS.map((key) => [key, valueOfOption(SCHEMA[key] as Option<unknown>, written.get(key), env)]),
  ) as unknown as Settings;
  return { config: { ...consistent(settings, written), dataLossPrevention }, warnings };
}

function fromFile(path: string, written: Map<SettingKey, Written>): DlpSettings {
  const leaves = readYamlFile(path);
  const dlp = leaves.filter((leaf) => leaf.path[0] === DLP_BLOCK);
  for (const leaf of leaves) {
    if (dlp.includes(leaf)) continue;
    const { place } = leaf;
    const name = leaf.path.join('.');
    const isBelow = (candidate: SettingKey): boolean =>
      leaf.path.length > 1 && leaf.path[0] === SCHEMA[candidate].flag;
    const key = CONFIG_KEYS.find((candidate) => yamlNames(candidate).includes(name) || isBelow(candidate));
    // A heading without keys, such as those in KasmVNC's own file.
    if (leaf.text === '' && key === undefined && YAML_HEADINGS.has(name)) continue;
    const text = key !== undefined && isBelow(key) ? undefined : leaf.text || undefined;
    if (key === undefined) {
      const word = YAML_HEADINGS.has(leaf.path[0]!) ? name : leaf.path[0]!;
      const guess = didYouMean(word, [...CONFIG_KEYS.flatMap(yamlNames), DLP_BLOCK]);
      throw new ConfigError('CFG_UNKNOWN_KEY', `${place}: there is no key "${word}".${guess}`);
    }
    const source = `${place}: ${isBelow(key) ? leaf.path[0] : name}`;
    if (text === undefined) throw badValue(source, undefined, SCHEMA[key].type.allowed);
    written.set(key, { text, source, folder: dirname(path) });
  }
  return readDlp(dlp, dirname(path));
}

function fromEnvironment(env: Environment, cwd: string, written: Map<SettingKey, Written>): string[] {
  const warnings: string[] = [];
  const names = new Map(CONFIG_KEYS.map((key) => [envNameOf(SCHEMA[key].flag), key]));
  for (const [name, text] of Object.entries(env)) {
    // Compose files and unit files write "not set" as an empty variable.
    if (!name.startsWith('DESKWIRE_') || text === undefined || text === '') continue;
    const key = names.get(name);
    if (key !== undefined) written.set(key, { text, source: name, folder: cwd });
    else if (!OTHER_ENV_NAMES.includes(name))
      warnings.push(
        `${name} is not a setting and is ignored.${didYouMean(name, [...names.keys(), ...OTHER_ENV_NAMES])}`,
      );
  }
  return warnings;
}

function fromFlags(flags: ParsedFlags['values'], cwd: string, written: Map<SettingKey, Written>): void {
  for (const key of CONFIG_KEYS) {
    const { flag, isList } = SCHEMA[key];
    const texts = flags.get(flag);
    const text = isList ? texts?.join(',') : texts?.at(-1);
    if (text !== undefined) written.set(key, { text, source: `--${flag}`, folder: cwd });
  }
}

function valueOfOption(option: Option<unknown>, written: Written | undefined, env: Environment): unknown {
  if (written === undefined) return option.defaultValue(env);
  const value = option.type.parse(written.text);
  if (value === undefined) throw badValue(written.source, written.text, option.type.allowed);
  return option.isPath ? resolve(written.folder, String(value)) : value;
}

function badValue(source: string, text: string | undefined, allowed: string): ConfigError {
  const is = text === undefined ? 'this is' : `${JSON.stringify(text)} is`;
  return new ConfigError('CFG_BAD_VALUE', `${source}: ${is} not allowed; it must be ${allowed}.`);
}

/** Checks settings against each other. */
function consistent(config: Settings, written: ReadonlyMap<SettingKey, Written>): Settings {
  checkWaysIn(config, written);
  const { size, maxSize, cert, key } = config;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    const source = written.get(given as SettingKey)?.source ?? given;
    throw new ConfigError('CFG_CERT_WITHOUT_KEY', `${source}: the ${missing} that belongs to it is missing.`);
  }
  if (maxSize.width >= size.width && maxSize.height >= size.height) return config;
  const maxSource = written.get('maxSize')?.source;
  if (maxSource !== undefined) {
    const format = SCHEMA.size.type.format;
    const detail = `${maxSource}: ${format(maxSize)} is smaller than the size at start, ${format(size)}.`;
    throw new ConfigError('CFG_MAX_SIZE_TOO_SMALL', detail);
  }
  // The user set no limit, so the default limit grows.
  const width = Math.max(size.width, maxSize.width);
  return { ...config, maxSize: { width, height: Math.max(size.height, maxSize.height) } };
}

/** Checks where the server listens, and whom it believes. */
function checkWaysIn(config: Settings, written: ReadonlyMap<SettingKey, Written>): void {
  const { listen, insecureHttp, trustUserHeader, trustProxy } = config;
  const open = listen.filter((place) => !isLocalPlace(place)).map(formatListenPlace);
  if (insecureHttp === 'local' && open.length > 0) {
    throw new ConfigError(
      'CFG_INSECURE_ADDRESS',
      `${written.get('insecureHttp')?.source}: plain HTTP on ${open.join(' and ')} would send passwords and pictures ` +
        'readably over the network. Listen on 127.0.0.1, ::1 or unix:PATH. Only if something else protects that ' +
        'network, such as a container’s own one with a TLS proxy before it, give --insecure-http=everywhere.',
    );
  }
  const hasProxy = trustProxy.length > 0 || listen.some(({ kind }) => kind === 'unix');
  if (trustUserHeader !== undefined && !hasProxy) {
    throw new ConfigError(
      'CFG_USER_HEADER_WITHOUT_PROXY',
      `${written.get('trustUserHeader')?.source}: no caller may send this header. Name the proxy that sends it with ` +
        '--trust-proxy, or have it connect through --listen unix:PATH.',
    );
  }
}
