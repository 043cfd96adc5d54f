import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipboardLimit } from '../../config/dlp/dlp-settings.ts';
import { type ClipboardDirection, ClipboardGate, type ClipboardUse } from './clipboard-gate.ts';

const OPEN: ClipboardLimit = { isEnabled: true, mostBytes: Number.POSITIVE_INFINITY };
const CLOSED: ClipboardLimit = { isEnabled: false, mostBytes: Number.POSITIVE_INFINITY };
const TEN: ClipboardLimit = { isEnabled: true, mostBytes: 10 };

type Step = readonly [
  atMs: number,
  direction: ClipboardDirection,
  bytes: number,
  refusal: ClipboardUse['refusal'],
];

const CASES: readonly (readonly [
  name: string,
  rules: { readonly delayMs: number; readonly toClient: ClipboardLimit; readonly toServer: ClipboardLimit },
  steps: readonly Step[],
])[] = [
  [
    'without limits every text passes',
    { delayMs: 0, toClient: OPEN, toServer: OPEN },
    [
      [0, 'toClient', 1e9, undefined],
      [0, 'toServer', 1e9, undefined],
      [0, 'toClient', 0, undefined],
    ],
  ],
  [
    'a direction that is disabled does not disable the other',
    { delayMs: 0, toClient: CLOSED, toServer: OPEN },
    [
      [0, 'toClient', 1, 'disabled'],
      [0, 'toServer', 1, undefined],
    ],
  ],
  [
    'a text of the largest size passes, and one byte more does not',
    { delayMs: 0, toClient: TEN, toServer: OPEN },
    [
      [0, 'toClient', 10, undefined],
      [0, 'toClient', 11, 'too large'],
      [0, 'toServer', 11, undefined],
    ],
  ],
  [
    'the delay is between texts that passed, in either direction',
    { delayMs: 500, toClient: TEN, toServer: OPEN },
    [
      [0, 'toClient', 1, undefined],
      [499, 'toServer', 1, 'too soon'],
      [500, 'toServer', 1, undefined],
      [999, 'toClient', 11, 'too large'],
      [1000, 'toClient', 1, undefined],
    ],
  ],
];

for (const [name, rules, steps] of CASES) {
  test(`of the clipboard, ${name}`, () => {
    let nowMs = 0;
    const uses: ClipboardUse[] = [];
    const gate = new ClipboardGate(
      rules,
      () => nowMs,
      (use) => uses.push(use),
    );
    for (const [atMs, direction, bytes, refusal] of steps) {
      nowMs = atMs;
      assert.equal(gate.pass(direction, bytes), refusal === undefined, `at ${atMs} ms`);
      assert.deepEqual(uses.at(-1), { direction, bytes, refusal });
    }
    assert.equal(gate.isOpen('toClient'), rules.toClient.isEnabled);
  });
}
