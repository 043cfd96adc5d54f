import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keymap } from './keymap.ts';
import { spareKeycodes } from './spare-keycodes.ts';
import { SpareMeanings } from './spare-meanings.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT, NO_KEY } from './xkb-map.ts';

const [CALCULATOR, MAIL, E_ACUTE, KANA] = [0x1008_ff1d, 0x1008_ff19, 0xe9, 0x0100_30ed];
/** Keycodes of a launcher key, and of one that means nothing. */
const [LAUNCHER, FREE] = [142, 230];

/** A keymap in which all keycodes below 220 mean something, and those that are named. */
const keymap = (keysyms: Readonly<Record<number, number>>): Keymap =>
  new Keymap({
    types: [{ mods: 0, levels: new Map() }],
    keys: Array.from({ length: KEYCODE_COUNT }, (_, i) => {
      const keysym = keysyms[FIRST_KEYCODE + i] ?? (FIRST_KEYCODE + i < 220 ? 0x61 : 0);
      return keysym === 0 ? NO_KEY : { types: [0], outOfRange: 'wrap', keysyms: [[keysym]] };
    }),
    modifiers: new Map(),
  });

const START = { [LAUNCHER]: CALCULATOR };
const start = (): SpareMeanings => new SpareMeanings(spareKeycodes(keymap(START)), keymap(START));

for (const { title, now, isReplaced = false, lent = [], used, meanings } of [
  { title: 'all keycodes stay spare in the same keymap', now: {}, used: [], meanings: [[CALCULATOR], []] },
  {
    title: 'a free keycode to which a program gives a meaning is its own',
    now: { [FREE]: E_ACUTE },
    used: [FREE],
    meanings: [[CALCULATOR], []],
  },
  {
    title: 'a free keycode that means something in a new layout is not spare',
    now: { [FREE]: KANA },
    isReplaced: true,
    used: [FREE],
    meanings: [[CALCULATOR], []],
  },
  {
    title: "a launcher key to which a program gives another meaning is the program's own",
    now: { [LAUNCHER]: E_ACUTE },
    used: [LAUNCHER],
    meanings: [[CALCULATOR], []],
  },
  {
    title: 'a launcher key of a new layout is spare, with its new meaning',
    now: { [LAUNCHER]: MAIL },
    isReplaced: true,
    used: [],
    meanings: [[MAIL], []],
  },
  {
    title: 'what lent keycodes mean tells nothing of other programs',
    now: { [LAUNCHER]: KANA, [FREE]: E_ACUTE },
    isReplaced: true,
    lent: [LAUNCHER, FREE],
    used: [],
    meanings: [[CALCULATOR], []],
  },
]) {
  test(title, () => {
    const spare = start();
    const learned = spare.learn(keymap({ ...START, ...now }), isReplaced, new Set(lent));
    assert.deepEqual([...learned], used);
    assert.deepEqual([spare.of(LAUNCHER), spare.of(FREE)], meanings);
  });
}

test('a keycode that a program has taken is spare again once it means nothing', () => {
  const spare = start();
  const learn = (now: Record<number, number>): number[] => [
    ...spare.learn(keymap({ ...START, ...now }), false, new Set()),
  ];
  assert.deepEqual(learn({ [FREE]: E_ACUTE }), [FREE]);
  assert.deepEqual(learn({}), []);
});
