import { after, before, suite, test } from 'node:test';
import { CostlyUsers, CROWDS, LATER_MS } from '../support/costly-users.ts';
import { passesOnce } from '../support/limits.ts';
import { describeWatched } from '../support/watch-beside.ts';

/**
 * Factor by which the test multiplies the limit, besides the factor by which the server waits for cores. Without that
 * one, it would have to be larger: withSlack. Half of the frames were 30 to 70 ms later, and 400 to 600 ms if the time
 * that costly users take is not bounded.
 */
const SLACK = 3;
/** Frames that each viewer sees while it is watched, at the place that sees the fewest. */
const FRAMES = 5;

let users: CostlyUsers;

before(async () => {
  users = await CostlyUsers.start();
});
after(() => users?.close());

suite('frames of two ordinary users', () => {
  for (const crowd of CROWDS) {
    test(`frames come at most ${LATER_MS} ms later to the viewers of two users beside ${crowd.what}`, async (t) => {
      await passesOnce(async () => {
        const alone = await users.watch(FRAMES);
        const beside = await users.watch(FRAMES, crowd);
        for (const [where, watched] of Object.entries({ alone, beside }))
          t.diagnostic(`${where}: ${describeWatched(watched)}`);
        const laterMs = beside.seen.p50Ms - alone.seen.p50Ms;
        const mostMs = LATER_MS * SLACK * beside.slowness;
        return laterMs <= mostMs
          ? undefined
          : `half of the frames come ${Math.round(laterMs)} ms later or more; the limit is ${Math.round(mostMs)}`;
      });
    });
  }
});
