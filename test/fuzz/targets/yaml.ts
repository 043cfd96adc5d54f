import type { Dice } from '../../../bench/scenes/dice.ts';
import { DLP_KEYS_BY_PATH } from '../../../src/config/dlp/dlp-keys.ts';
import { DLP_BLOCK, readDlp } from '../../../src/config/dlp/read-dlp.ts';
import { ConfigError } from '../../../src/config/errors.ts';
import { fromKasm } from '../../../src/config/kasm/from-kasm.ts';
import { CONFIG_KEYS, SCHEMA } from '../../../src/config/schema.ts';
import type { ValueType } from '../../../src/config/values.ts';
import { parseYaml, type YamlLeaf } from '../../../src/config/yaml-file.ts';
import { type FuzzTarget, type Reached, resultOrRefusal } from '../fuzz-target.ts';
import { damagedText, word } from '../text.ts';

const KASM_PATHS = [
  'network.websocket_port',
  'network.ssl.pem_certificate',
  'desktop.resolution.width',
  'desktop.resolution.height',
  'encoding.max_frame_rate',
  'encoding.video_encoding_mode.max_resolution.width',
  'encoding.video_encoding_mode.scaling_algorithm',
  'server.advanced.kasm_password_file',
  'keyboard.remap_keys',
  ...[...DLP_KEYS_BY_PATH.keys()].map((path) => `${DLP_BLOCK}.${path}`),
].map((path) => path.split('.'));
const ENVIRONMENT = { HOME: '/home/ada' };
const FLAGS = CONFIG_KEYS.map((key) => SCHEMA[key].flag);
const VALUES = [
  '8443',
  '0x10',
  '0755',
  '1680x971',
  'yes',
  '~',
  '"quoted\\n"',
  "'single'",
  '[a, b]',
  '[1, [2]]',
  '{a: b}',
  '&anchor text',
  '*anchor',
  '!!binary aGk=',
  '|\n  several\n  lines',
  '>-\n  folded',
  '2001-01-01',
  '10.0.0.0/8',
  '<<',
  '10%',
  '-10',
  '$' + '{HOME}/cert.pem',
  'unlimited',
  'text/html,text/plain',
];
/** Values that some setting takes each. */
const PLAIN_VALUES = [
  ...['8443', '1', '50', '0', '1680x971', 'true', 'off', 'info', 'area', 'none', 'ada', ':7', '0.0.0.0'],
  ...['/etc/file.pem', '10.0.0.0/8', 'https://portal.example', '10%', '-10', '10,10', '1,2,3,4', 'unlimited'],
  ...['text/html,text/plain', 'UTC', 'user %H:%M'],
];
/** Keys that are no texts. */
const KEYS = ['? a', '? {a: b}\n', '? [a]\n', '*anchor ', '', '"" ', '<<'];
/** Brackets within each other. */
const DEEP = 1_000;

function makeLine(dice: Dice): string {
  if (dice.chance(0.05))
    return dice.pick(['---', '...', '%YAML 1.2', '# comment', '- item', '  indented: 1', '\t']);
  const key = dice.chance(0.9) ? word(dice, FLAGS) : dice.pick(KEYS);
  return `${key}:${dice.chance(0.95) ? ' ' : ''}${word(dice, VALUES)}`;
}

/** Makes a value, mostly one that a type takes. */
function someValue(dice: Dice, type: ValueType<unknown> | undefined): string {
  const valid = type && dice.chance(0.8) ? PLAIN_VALUES.filter((text) => type.parse(text) !== undefined) : [];
  return valid.length > 0 ? JSON.stringify(dice.pick(valid)) : word(dice, VALUES);
}

const validLine = (dice: Dice, key: (typeof CONFIG_KEYS)[number]): string =>
  `${SCHEMA[key].flag}: ${someValue(dice, SCHEMA[key].type as ValueType<unknown>)}`;

/** Makes the lines of a key of KasmVNC's file, with the keys above it that the one before it has not. */
function makeKasmLines(dice: Dice, path: readonly string[], before: readonly string[]): string {
  const shared = path.findIndex((name, level) => name !== before[level]);
  const type = DLP_KEYS_BY_PATH.get(path.slice(1).join('.'))?.type;
  return path
    .map(
      (name, level) =>
        `${'  '.repeat(level)}${name}:${level < path.length - 1 ? '' : ` ${someValue(dice, type)}`}`,
    )
    .slice(shared)
    .join('\n');
}

/** Makes a kasmvnc.yaml with some keys of its file. */
function makeKasm(dice: Dice): string {
  const paths = KASM_PATHS.filter(() => dice.chance(0.1));
  return paths.map((path, i) => makeKasmLines(dice, path, paths[i - 1] ?? [])).join('\n');
}

/** Runs `work`. Returns undefined if it refuses its input with a code. */
const orRefusal = <T>(work: () => T): T | undefined =>
  resultOrRefusal(work, (error) => error instanceof ConfigError);

/** Checks that what `deskwire config --from-kasm` writes is a configuration. */
function checkFromKasm(leaves: readonly YamlLeaf[], reached: Reached): void {
  const { yaml: written, entries } = fromKasm(leaves, ENVIRONMENT);
  const taken = entries.filter(({ outcome }) => outcome === 'taken');
  if (taken.length > 0) reached('taken from KasmVNC');
  const again = parseYaml(written, 'fuzz.yaml');
  for (const { path, text } of again) {
    const option = CONFIG_KEYS.find((name) => SCHEMA[name].flag === path.join('.'));
    const type = option ? SCHEMA[option].type : DLP_KEYS_BY_PATH.get(path.slice(1).join('.'))?.type;
    if (text === undefined || type?.parse(text) === undefined)
      throw new Error(`The written file has ${path.join('.')}: ${text}.`);
  }
  // Several keys of KasmVNC may set one of Deskwire, and a size needs both of its sides.
  if (taken.length === 1 && again.length === 0 && !/width|height/.test(taken[0]!.key))
    throw new Error(`${taken[0]!.key} was not written.`);
}

/** YAML files with settings: Deskwire's own, and KasmVNC's. */
export const yaml: FuzzTarget = {
  name: 'yaml',
  cases: 15_000,
  reaches: [
    'settings',
    'settings of several levels',
    'data loss prevention',
    'taken from KasmVNC',
    'refused',
  ],
  async prepare() {
    // Loads the package.
    parseYaml('', 'fuzz.yaml');
  },
  make(dice) {
    if (dice.chance(0.001)) return Buffer.from(`size: ${dice.pick(['[', '{a: ', '- ', '? ']).repeat(DEEP)}`);
    if (dice.chance(0.5)) return damagedText(makeKasm(dice), dice);
    const lines = dice.chance(0.4)
      ? CONFIG_KEYS.filter(() => dice.chance(0.15)).map((key) => validLine(dice, key))
      : Array.from({ length: dice.integer(0, 6) }, () => makeLine(dice));
    return damagedText(lines.join('\n'), dice);
  },
  run(input, reached) {
    const source = Buffer.from(input).toString();
    const leaves = orRefusal(() => parseYaml(source, 'fuzz.yaml'));
    if (leaves === undefined) {
      reached('refused');
      return;
    }
    for (const { path, text, place } of leaves) {
      reached(path.length === 1 ? 'settings' : 'settings of several levels');
      if (!/^fuzz\.yaml, line \d+, column \d+$/.test(place)) throw new Error(`The place is ${place}.`);
      const option = CONFIG_KEYS.find((name) => SCHEMA[name].flag === path.join('.'));
      if (option !== undefined && text !== undefined) SCHEMA[option].type.parse(text);
    }
    const dlp = leaves.filter(({ path }) => path[0] === DLP_BLOCK);
    if (dlp.length > 0 && orRefusal(() => readDlp(dlp, '/'))) reached('data loss prevention');
    checkFromKasm(leaves, reached);
  },
};
