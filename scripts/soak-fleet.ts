/**
 * `npm run soak -- fleet`: rounds in which edges, hosts and desktops of a real fleet are killed and stopped, one or two
 * at a time, while clients make and remove desktops and viewers connect again. Fails if a desktop ever runs twice, if an
 * acknowledged change is lost, if a right that was taken away still lets someone in, or if not all is well in time. The
 * history of a round that failed is kept in `tmp/`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fleetRounds } from '../bench/soak/fleet/fleet-rounds.ts';
import { percentile } from '../bench/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    store: { type: 'string' },
  },
});

const { failed, reconnectsMs, recoveriesMs } = await fleetRounds({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  ...(values.store !== undefined && { store: values.store }),
  keep: join(import.meta.dirname, '../tmp'),
  say: (line) => console.log(line),
});

const times = (all: readonly number[]): string =>
  all.length === 0
    ? 'none'
    : [0.5, 0.95, 1].map((share) => `p${share * 100} ${Math.round(percentile(all, share)!)} ms`).join(', ');

console.log(`connected again: ${reconnectsMs.length} times, ${times(reconnectsMs)}`);
console.log(`well again:      ${times(recoveriesMs)}`);
console.log(`rounds failed:   ${failed.length} of ${values.rounds}; --seed ${values.seed}`);
process.exitCode = failed.length > 0 ? 1 : 0;
