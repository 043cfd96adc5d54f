import type { Dice } from '../../../bench/scenes/dice.ts';
import { ConfigError } from '../../../src/config/errors.ts';
import { CONFIG_KEYS, SCHEMA } from '../../../src/config/schema.ts';
import { parseYaml } from '../../../src/config/yaml-file.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damagedText, word } from '../text.ts';

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

/** YAML files with settings. */
export const yaml: FuzzTarget = {
  name: 'yaml',
  cases: 15_000,
  make(dice) {
    if (dice.chance(0.001)) return Buffer.from(`size: ${dice.pick(['[', '{a: ', '- ', '? ']).repeat(DEEP)}`);
    return damagedText(Array.from({ length: dice.integer(0, 6) }, () => makeLine(dice)).join('\n'), dice);
  },
  run(input) {
    const source = Buffer.from(input).toString();
    try {
      for (const { path, text, place } of parseYaml(source, 'fuzz.yaml')) {
        if (!/^fuzz\.yaml, line \d+, column \d+$/.test(place)) throw new Error(`The place is ${place}.`);
        const option = CONFIG_KEYS.find((name) => SCHEMA[name].flag === path.join('.'));
        if (option !== undefined && text !== undefined) SCHEMA[option].type.parse(text);
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  },
};
