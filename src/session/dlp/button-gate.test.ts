import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateButtons } from './button-gate.ts';

const NEITHER = { allowsPress: false, allowsRelease: false };
const PRESS = { allowsPress: true, allowsRelease: false };
const RELEASE = { allowsPress: false, allowsRelease: true };

/** Places of the pointer with the buttons that the viewer wants, and the buttons that are down after each step. */
const CASES: readonly (readonly [
  name: string,
  rules: typeof NEITHER,
  steps: readonly (readonly [place: 'visible' | 'concealed', wanted: number, held: number])[],
])[] = [
  [
    'in the visible region buttons work',
    NEITHER,
    [
      ['visible', 1, 1],
      ['visible', 5, 5],
      ['visible', 4, 4],
      ['visible', 0, 0],
    ],
  ],
  [
    'a press in the concealed region is refused',
    NEITHER,
    [
      ['concealed', 1, 0],
      ['concealed', 0, 0],
    ],
  ],
  [
    'a refused press does not happen later in the visible region',
    NEITHER,
    [
      ['concealed', 1, 0],
      ['visible', 1, 0],
      ['visible', 0, 0],
      ['visible', 1, 1],
    ],
  ],
  [
    'a refused press leaves other buttons alone',
    NEITHER,
    [
      ['concealed', 1, 0],
      ['visible', 3, 2],
      ['visible', 1, 0],
    ],
  ],
  [
    'a release in the concealed region waits for the visible one',
    NEITHER,
    [
      ['visible', 1, 1],
      ['concealed', 1, 1],
      ['concealed', 0, 1],
      ['visible', 0, 0],
    ],
  ],
  [
    'a release is allowed in the concealed region',
    RELEASE,
    [
      ['visible', 1, 1],
      ['concealed', 0, 0],
      ['concealed', 1, 0],
    ],
  ],
  [
    'a press is allowed in the concealed region',
    PRESS,
    [
      ['concealed', 1, 1],
      ['concealed', 0, 1],
      ['visible', 0, 0],
    ],
  ],
];

for (const [name, rules, steps] of CASES) {
  test(`${name}, if presses are ${rules.allowsPress ? '' : 'not '}allowed there`, () => {
    let buttons = { held: 0, refused: 0 };
    for (const [place, wanted, held] of steps) {
      buttons = gateButtons(buttons, wanted, place === 'concealed', rules);
      assert.equal(buttons.held, held, `${place} ${wanted}`);
    }
  });
}
