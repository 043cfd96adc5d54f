import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetRounds } from '../../bench/soak/fleet/fleet-rounds.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROUNDS = 2;
const SECONDS = 20;
/** Time limit of the test, in place of the runner's, which is shorter. */
const LIMIT_MS = 600_000;

test('a fleet whose nodes are killed and stopped loses nothing, lets nobody in, and runs nothing twice', {
  timeout: LIMIT_MS,
}, async (t) => {
  const seed = Math.floor(Math.random() * 1e6);
  const { failed } = await fleetRounds({
    ...{ rounds: ROUNDS, seconds: SECONDS, seed, keep: temporaryFolder('deskwire-rounds-') },
    say: (line) => t.diagnostic(line),
  });
  assert.deepEqual(
    failed,
    [],
    `npm run soak -- fleet --rounds ${ROUNDS} --seconds ${SECONDS} --seed ${seed}`,
  );
});
