import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipboardLimit, ClipboardRules } from '../../config/clipboard-rules.ts';
import { NO_DLP } from '../../config/dlp/read-dlp.ts';
import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import { type ClipboardDirection, ClipboardGate, type ClipboardUse } from './clipboard-gate.ts';
import { createLimits, createLimitsByUser } from './user-limits.ts';

const OPEN: ClipboardLimit = { isEnabled: true, mostBytes: Number.POSITIVE_INFINITY };
const CLOSED: ClipboardLimit = { isEnabled: false, mostBytes: Number.POSITIVE_INFINITY };
const TEN: ClipboardLimit = { isEnabled: true, mostBytes: 10 };

/** A text of so many bytes, which the gate does not look at. */
const ofBytes = (length: number): ClipboardContent =>
  new Map([['text', { length } as unknown as Uint8Array]]);

type Step = readonly [
  atMs: number,
  direction: ClipboardDirection,
  bytes: number,
  refusal: ClipboardUse['refusal'],
];

const passes = (gate: ClipboardGate, direction: ClipboardDirection, bytes = 1, change?: object): boolean =>
  gate.pass(direction, ofBytes(bytes), change).length > 0;

const limitsOf = (clipboard: Partial<ClipboardRules>) =>
  createLimits({ ...NO_DLP.forAll, clipboard: { ...NO_DLP.forAll.clipboard, ...clipboard } }, 0);

const CASES: readonly (readonly [
  name: string,
  rules: Pick<ClipboardRules, 'delayMs' | 'toClient' | 'toServer'>,
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
      limitsOf(rules),
      () => nowMs,
      (use) => uses.push(use),
    );
    for (const [atMs, direction, bytes, refusal] of steps) {
      nowMs = atMs;
      const passed = gate.pass(direction, ofBytes(bytes));
      assert.deepEqual(passed, refusal === undefined ? ['text'] : [], `at ${atMs} ms`);
      assert.deepEqual(uses.at(-1), { direction, bytes, formats: ['text'], refusal });
    }
    assert.equal(gate.refusesAny('toClient'), !rules.toClient.isEnabled);
  });
}

test('ten connections of a user, even one after the other, pass texts no faster than one', () => {
  let nowMs = 0;
  const { rules } = limitsOf({ delayMs: 500 });
  const limitsOfUser = createLimitsByUser(
    () => rules,
    () => nowMs,
  );
  const connect = (user: string) =>
    new ClipboardGate(
      limitsOfUser(user),
      () => nowMs,
      () => undefined,
    );
  const passed = Array.from({ length: 10 }, () => passes(connect('ann'), 'toServer'));
  assert.deepEqual(passed, [true, ...Array(9).fill(false)]);
  assert.ok(passes(connect('bob'), 'toServer'), 'another user has a pace of their own');
  nowMs = 500;
  assert.ok(passes(connect('ann'), 'toClient'));
});

test('of users who connect, those beyond the limit are forgotten, the least recent first', () => {
  let made = 0;
  const limitsOfUser = createLimitsByUser(
    () => {
      made++;
      return limitsOf({}).rules;
    },
    () => 0,
  );
  for (let i = 0; i < 4096; i++) limitsOfUser(`user ${i}`);
  limitsOfUser('user 0');
  limitsOfUser('one more');
  assert.equal(made, 4097);
  limitsOfUser('user 0');
  assert.equal(made, 4097, 'user 0 connected again before the one more');
  limitsOfUser('user 1');
  assert.equal(made, 4098);
});

test('a text of the desktop passes to all connections of a user as one text', () => {
  const limits = limitsOf({ delayMs: 500, toClient: TEN });
  const gates = [1, 2, 3].map(
    () =>
      new ClipboardGate(
        limits,
        () => 0,
        () => undefined,
      ),
  );
  const change = {};
  assert.deepEqual(
    gates.map((gate) => passes(gate, 'toClient', 1, change)),
    [true, true, true],
  );
  assert.ok(!passes(gates[0]!, 'toClient', 11, change), 'its size is limited all the same');
  assert.ok(!passes(gates[0]!, 'toClient', 1, {}), 'the next one comes too soon');
});

test('marked text is for viewers as the rules say: always, never, or from programs that cannot copy', () => {
  const concerned = (primary: ClipboardRules['primary']) => {
    const gate = new ClipboardGate(
      limitsOf({ primary }),
      () => 0,
      () => undefined,
    );
    return (['copied', 'marked', 'marked only'] as const).map((how) => gate.concerns(how));
  };
  assert.deepEqual(concerned('always'), [true, true, true]);
  assert.deepEqual(concerned('auto'), [true, false, true]);
  assert.deepEqual(concerned('never'), [true, false, false]);
});

test('all forms of a content together may be as large as the rules say, and count as one use', () => {
  const forms = (...sizes: readonly (readonly ['text' | 'html' | 'png', number])[]): ClipboardContent =>
    new Map(sizes.map(([format, length]) => [format, { length } as unknown as Uint8Array]));
  const uses: ClipboardUse[] = [];
  const pass = (rules: Partial<ClipboardRules>, content: ClipboardContent) =>
    new ClipboardGate(
      limitsOf({ toClient: TEN, delayMs: 500, ...rules }),
      () => 0,
      (use) => uses.push(use),
    ).pass('toClient', content);
  assert.deepEqual(pass({}, forms(['text', 4], ['html', 6])), ['text', 'html']);
  assert.deepEqual(pass({}, forms(['text', 4], ['html', 7], ['png', 6])), ['text', 'png']);
  assert.deepEqual(uses.at(-1), {
    ...{ direction: 'toClient', bytes: 7, formats: ['html'], refusal: 'too large' },
  });
  assert.deepEqual(pass({}, forms(['text', 11], ['html', 12])), []);
  assert.equal(uses.at(-1)?.refusal, 'too large');
  assert.deepEqual(pass({ formats: ['text'] }, forms(['text', 1], ['html', 1], ['png', 1])), ['text']);
  assert.deepEqual(pass({ formats: ['text', 'html'] }, forms(['png', 1])), []);
  assert.equal(uses.at(-1)?.refusal, 'type');
});
