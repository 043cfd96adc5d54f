import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';
import { BottleneckWatch, LOOK_EVERY_MS, QUIET_MS } from './bottleneck-watch.ts';

interface TestViewer {
  readonly id: string;
  levels: Bottleneck;
  bottleneck(): Bottleneck;
}

function viewer(id: string, cpu = 10, network = 10): TestViewer {
  return {
    id,
    levels: [cpu, 10, network, 10],
    bottleneck() {
      return this.levels;
    },
  };
}

function createWatch(viewers: TestViewer[]) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const watch = new BottleneckWatch<TestViewer>({
    now: clock.now,
    after: clock.after,
    viewers: () => viewers,
    crossed: ({ id }, { number, direction, value }) => heard.push(`${id} ${number} ${direction} ${value}`),
  });
  return { watch, clock, heard };
}

test('a number that falls below 5 is told, and that it is 5 again', () => {
  const slow = viewer('slow');
  const { watch, clock, heard } = createWatch([viewer('well'), slow]);
  watch.run(true);
  clock.pass(LOOK_EVERY_MS);
  slow.levels = [10, 10, 4.9, 9];
  clock.pass(LOOK_EVERY_MS);
  slow.levels = [10, 10, 5, 9];
  clock.pass(QUIET_MS);
  assert.deepEqual(heard, ['slow network down 4.9', 'slow network up 5']);
});

test('a number that goes up and down around the limit is told once in QUIET_MS', () => {
  const slow = viewer('slow');
  const { watch, clock, heard } = createWatch([slow]);
  watch.run(true);
  const seconds = 20;
  for (let second = 0; second < seconds; second++) {
    slow.levels = [second % 2 === 0 ? 4 : 6, 10, 10, 10];
    clock.pass(LOOK_EVERY_MS);
  }
  assert.ok(heard.length >= 2 && heard.length <= (seconds * 1000) / QUIET_MS, heard.join(', '));
});

test('a viewer that is held up when the first reader comes is told, with each of its numbers', () => {
  const { watch, clock, heard } = createWatch([viewer('slow', 3, 0)]);
  watch.run(true);
  clock.pass(LOOK_EVERY_MS);
  assert.deepEqual(heard, ['slow cpu down 3', 'slow network down 0']);
});

test('without viewers, or while nobody reads events, no timer runs', () => {
  const viewers: TestViewer[] = [];
  const { watch, clock, heard } = createWatch(viewers);
  watch.run(true);
  clock.pass(2 * LOOK_EVERY_MS);
  assert.equal(clock.waiting, 0);
  viewers.push(viewer('slow', 1));
  watch.viewersChanged();
  watch.run(false);
  watch.viewersChanged();
  assert.equal(clock.waiting, 0);
  assert.deepEqual(heard, []);
});
