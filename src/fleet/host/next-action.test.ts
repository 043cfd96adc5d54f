import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import type { Desktop, DesktopStatus } from '../store/fleet-state.ts';
import { type Action, type DesktopFacts, nextAction } from './next-action.ts';

const NOW = 1_000_000;
const state = (name: DesktopStatus['state']): Pick<Desktop, 'status'> => ({
  status: { state: name, reason: '', sinceMs: 0 },
});

const CASES: readonly (readonly [
  what: string,
  desktop: Partial<Desktop>,
  facts: Partial<DesktopFacts>,
  action: Action,
])[] = [
  ['a new desktop', state('starting'), {}, 'start'],
  ['one that waits for its restart', state('starting'), { notBeforeMs: NOW + 1 }, 'nothing'],
  ['one that has ended', state('ended'), {}, 'nothing'],
  ['one that is lost', state('lost'), {}, 'nothing'],
  ['one that has ended and is not wanted', { ...state('ended'), wanted: 'gone' }, {}, 'remove'],
  ['one that runs', {}, { phase: { kind: 'running' } }, 'nothing'],
  ['one that runs and is not wanted', { wanted: 'gone' }, { phase: { kind: 'running' } }, 'end'],
  ['one that is to start anew', state('starting'), { phase: { kind: 'running' } }, 'end'],
  ['one that is to pause', { wanted: 'paused' }, { phase: { kind: 'running' } }, 'pause'],
  ['one that is paused', { wanted: 'paused' }, { phase: { kind: 'paused' } }, 'nothing'],
  ['a paused one that is to go on', {}, { phase: { kind: 'paused' } }, 'resume'],
  ['a paused one that is not wanted', { wanted: 'gone' }, { phase: { kind: 'paused' } }, 'end'],
  ['one that is ending', { wanted: 'gone' }, { phase: { kind: 'ending', sinceMs: NOW } }, 'nothing'],
  ['one that does not end', { wanted: 'gone' }, { phase: { kind: 'ending', sinceMs: 0 } }, 'kill'],
  [
    'an idle one',
    { idle_pause_s: 10 },
    { phase: { kind: 'running' }, idleSinceMs: NOW - 10_000 },
    'pause idle',
  ],
  [
    'one that is not idle yet',
    { idle_pause_s: 10 },
    { phase: { kind: 'running' }, idleSinceMs: NOW - 9999 },
    'nothing',
  ],
  ['one with a viewer', { idle_pause_s: 1, idle_end_s: 1 }, { phase: { kind: 'running' } }, 'nothing'],
  [
    'one that is idle for longer',
    { idle_pause_s: 10, idle_end_s: 20 },
    { phase: { kind: 'running' }, idleSinceMs: NOW - 20_000 },
    'end idle',
  ],
  [
    'a paused one that is idle for longer',
    { wanted: 'paused', idle_end_s: 20 },
    { phase: { kind: 'paused' }, idleSinceMs: NOW - 20_000 },
    'end idle',
  ],
  ['one whose time is over', { ttl_s: 1 }, { phase: { kind: 'running' } }, 'expire'],
  ['one that has ended, and whose time is over', { ...state('ended'), ttl_s: 1 }, {}, 'expire'],
  ['one whose time is over and that is going', { ttl_s: 1, wanted: 'gone' }, {}, 'remove'],
  ['one with time left', { ttl_s: 2000 }, { phase: { kind: 'running' } }, 'nothing'],
];

for (const [what, more, facts, action] of CASES) {
  test(`the next action for ${what} is: ${action}`, () => {
    const given = {
      phase: { kind: 'none' } as const,
      ageMs: NOW,
      nowMs: NOW,
      idleSinceMs: undefined,
      notBeforeMs: 0,
      ...facts,
    };
    assert.equal(nextAction({ desktop: desktop('lab-1', more), ...given }), action);
  });
}
