import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOOKS_UNANSWERED, ThreadWatch, type WatchAction } from './thread-watch.ts';

/** Returns the decisions of a watch at each look of a story: "." is a look, "m" a message of the thread. */
function decide(story: string): WatchAction[] {
  const watch = new ThreadWatch();
  const actions: WatchAction[] = [];
  for (const event of story) {
    if (event === 'm') watch.heard();
    else actions.push(watch.look());
  }
  return actions;
}

const NOTHING = 'nothing';

/** The looks from a ping to the last one at which its answer may still come. */
const WAIT = '.'.repeat(LOOKS_UNANSWERED - 1);
const WAITED = [...WAIT].map((): WatchAction => 'nothing');

for (const [name, story, actions] of [
  ['a thread that sends messages is not pinged', 'm.mmm.m.m.', [NOTHING, NOTHING, NOTHING, NOTHING]],
  ['a silent thread is pinged at the second look', '..', [NOTHING, 'ping']],
  [
    'a thread that has answered a ping is pinged again after two silent looks',
    '..m...',
    [NOTHING, 'ping', NOTHING, 'ping', NOTHING],
  ],
  [
    'a ping that stays unanswered means that the thread hangs',
    `..${WAIT}.`,
    [NOTHING, 'ping', ...WAITED, 'hung'],
  ],
  ['a late answer to a ping counts', `..${WAIT}m..`, [NOTHING, 'ping', ...WAITED, NOTHING, 'ping']],
] as const satisfies [string, string, WatchAction[]][]) {
  test(name, () => assert.deepEqual(decide(story), actions));
}
