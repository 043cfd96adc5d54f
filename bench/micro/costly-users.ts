// How much later frames come to the viewers of two ordinary users while other users' viewers cost much encoder time, in
// ms. Each crowd is compared with a time right before it. Exits with 1 if a median is above the limit. On a busy machine
// the column "later by it" says more: the time divided by how much slower the server was because it waited for cores.
// Run: node bench/micro/costly-users.ts [rounds]

import { CostlyUsers, CROWDS, LATER_MS } from '../../test/support/costly-users.ts';
import { median } from '../statistics.ts';
import { printTable } from './support/table.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
/** Frames that each viewer sees at the place that sees the fewest. */
const FRAMES = 30;

const users = await CostlyUsers.start();
try {
  for (const crowd of CROWDS) {
    const rows: string[][] = [];
    const later: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await users.watch(FRAMES);
      const beside = await users.watch(FRAMES, crowd);
      later.push(beside.seen.p50Ms - alone.seen.p50Ms);
      const times = [
        ...[alone.seen.p50Ms, beside.seen.p50Ms, later.at(-1)!],
        ...[alone.seen.p95Ms, beside.seen.p95Ms],
      ];
      rows.push([
        ...times.map((ms) => ms.toFixed(0)),
        beside.seen.fps.toFixed(1),
        beside.slowness.toFixed(1),
        (later.at(-1)! / beside.slowness).toFixed(0),
        String(Math.min(...beside.updates)),
      ]);
    }
    printTable(
      `Beside ${crowd.what}`,
      [
        'p50 alone',
        'beside',
        'later',
        'p95 alone',
        'beside',
        'frames/s',
        'slowness',
        'later by it',
        'least updates',
      ],
      rows,
    );
    const laterMs = median(later)!;
    console.log(`median: ${laterMs.toFixed(0)} ms later, limit ${LATER_MS}\n`);
    if (laterMs > LATER_MS) process.exitCode = 1;
  }
} finally {
  await users.close();
}
