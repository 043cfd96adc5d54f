import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Action, type Facts, nextAction, type PhaseKind } from './next-frame-action.ts';

/** A loop with nothing to do: no viewer is ready, and nothing was drawn. */
const QUIET = {
  isLost: false,
  isRead: false,
  isWritten: false,
  hasDamage: false,
  isPictureWanted: false,
  hasWaiters: false,
  untilDueMs: -5,
  isWatched: false,
  isOwed: false,
};

type PlainFacts = typeof QUIET;

function decide(phase: PhaseKind, changes: Partial<PlainFacts>): Action {
  const { isWatched, isOwed, ...plain } = { ...QUIET, ...changes };
  // A caller of readFresh is a waiter, and a viewer that is owed something is ready.
  const hasWaiters = plain.hasWaiters || plain.isPictureWanted;
  const facts: Facts = {
    ...plain,
    hasWaiters,
    isWatched: () => isWatched || isOwed,
    isOwed: () => isOwed,
  };
  return nextAction(phase, facts);
}

type Row = readonly [facts: Partial<PlainFacts>, action: Action | Action['kind'], why: string];

const EARLY = { untilDueMs: 12 };

/** Actions of an idle loop. An armed one calls its capture off first, unless it would be armed again. */
const WHEN_IDLE: readonly Row[] = [
  [{}, 'rest', 'without viewers and damage there is nothing to do'],
  [{ isWatched: true }, 'arm', 'the next damage begins a capture if a viewer is ready and owed nothing'],
  [{ isWatched: true, ...EARLY }, 'arm', 'an armed capture itself waits until it is due'],
  [{ isWatched: true, isRead: true }, 'rest', 'a capture is not armed while the picture is read'],
  [{ isWatched: true, isWritten: true }, 'rest', 'a capture is not armed while the picture is written'],
  [{ isWatched: true, isLost: true }, 'rest', 'a capture is not armed without a display'],
  [{ hasDamage: true }, 'rest', 'damage is not captured while no viewer is ready'],
  [{ hasDamage: true, isWatched: true }, 'capture', 'damage is captured for a viewer that is ready'],
  [{ hasDamage: true, isWatched: true, isRead: true }, 'capture', 'a capture may overlap encoding'],
  [{ hasDamage: true, isOwed: true }, 'capture', 'a capture that is due goes before older pixels'],
  [{ hasDamage: true, isOwed: true, ...EARLY }, 'send', 'older pixels are sent while a capture is not due'],
  [
    { hasDamage: true, isWatched: true, ...EARLY },
    { kind: 'sleep', ms: 12 },
    'damage waits until a capture is due',
  ],
  [{ hasDamage: true, isWatched: true, isLost: true }, 'rest', 'a lost display is not captured'],
  [{ isOwed: true }, 'send', 'a viewer is sent what it lacks of the shown picture'],
  [{ isOwed: true, isRead: true }, 'send', 'several updates may read the picture'],
  [{ isOwed: true, isLost: true }, 'send', 'the last picture of a lost display is sent'],
  [{ isPictureWanted: true }, 'capture', 'a screenshot needs no viewer and no damage'],
  [
    { isPictureWanted: true, ...EARLY },
    { kind: 'sleep', ms: 12 },
    'a screenshot waits until a capture is due',
  ],
  [{ isPictureWanted: true, isLost: true }, 'refuse', 'a screenshot of a lost display is refused'],
  [
    { hasWaiters: true, isLost: true },
    'refuse',
    'a caller that waits for a frame of a lost display is refused',
  ],
  [{ hasWaiters: true }, 'rest', 'a caller that waits for a frame causes none'],
];

const OTHERS: readonly (readonly [PhaseKind, ...Row])[] = [
  ['capturing', {}, 'rest', 'the loop waits for the capture'],
  [
    'capturing',
    { hasDamage: true, isPictureWanted: true, isWatched: true },
    'rest',
    'captures do not overlap',
  ],
  ['capturing', { isOwed: true, isWritten: true }, 'rest', 'no update reads a picture that is written'],
  [
    'capturing',
    { isOwed: true, isRead: true },
    'send',
    'an update may begin beside a capture that only reads',
  ],
  ['capturing', { isLost: true, hasWaiters: true }, 'rest', 'a lost display ends the capture by an error'],
  ['captured', {}, 'commit', 'a picture that nothing reads is written'],
  ['captured', { isRead: true }, 'rest', 'a commit waits for the readers of the picture'],
  ['captured', { isRead: true, isOwed: true }, 'rest', 'no new reader delays a commit'],
  ['captured', { isOwed: true, hasDamage: true }, 'commit', 'a commit goes before a capture and an update'],
  [
    'captured',
    { isLost: true, hasWaiters: true },
    'commit',
    'a captured picture is shown although the display is lost',
  ],
  ['committing', {}, 'rest', 'the loop waits for the commit'],
  [
    'committing',
    { isWritten: true, isOwed: true, hasDamage: true },
    'rest',
    'nothing begins during a commit',
  ],
];

const actionOf = (action: Action | Action['kind']): Action =>
  typeof action === 'string' ? ({ kind: action } as Action) : action;

suite('the next action of the frame loop', () => {
  for (const [facts, action, why] of WHEN_IDLE) {
    test(`the frame loop, when idle: ${why}`, () =>
      assert.deepEqual(decide('idle', facts), actionOf(action)));
  }

  for (const [facts, action, why] of WHEN_IDLE) {
    const expected = action === 'arm' ? 'rest' : 'callOff';
    test(`an armed frame loop decides on ${expected} for: ${why}`, () =>
      assert.deepEqual(decide('armed', facts), { kind: expected }));
  }

  for (const [phase, facts, action, why] of OTHERS) {
    test(`the frame loop, when ${phase}: ${why}`, () =>
      assert.deepEqual(decide(phase, facts), actionOf(action)));
  }

  test('the frame loop asks viewers only if their answer matters', () => {
    const mustNotAsk = (): never => assert.fail('a viewer was asked');
    const { isWatched, isOwed, ...plain } = { ...QUIET, isWritten: true };
    const facts = { ...plain, isWatched: mustNotAsk, isOwed: mustNotAsk };
    for (const phase of ['idle', 'capturing', 'captured', 'committing'] as const) nextAction(phase, facts);
  });
});
