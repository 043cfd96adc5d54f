/**
 * `npm run soak`: loads a server for half an hour, with 50 viewers that come, go, lag and vanish, 100 API calls a
 * second, resizes and clipboards. Once a minute the load pauses, and memory is measured. Fails for an error that no viewer
 * caused, for memory that grows over the last two thirds of the time, and for measurements too uneven to tell. With
 * `--classes`, lists the classes of objects that have grown; the snapshots for that leave 20 MiB in malloc.
 */
import { parseArgs } from 'node:util';
import type { Slope } from '../bench/soak/slope.ts';
import { soak } from '../bench/soak/soak.ts';

/** Growth of memory in MiB per minute above which the run fails: half a GiB in two days. */
const MOST_SLOPE = 0.2;

/** Slope from which a part of memory is shown, in MiB per minute. */
const LEAST_SHOWN = 0.005;

/** Most errors that are shown. */
const MOST_ERRORS = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1800' },
    viewers: { type: 'string', default: '50' },
    calls: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    round: { type: 'string', default: '60' },
    classes: { type: 'boolean', default: false },
  },
});

const seconds = Number(values.seconds);
const result = await soak({
  seconds,
  roundSeconds: Number(values.round),
  flatSeconds: (seconds * 2) / 3,
  viewers: Number(values.viewers),
  api: { callsPerSecond: Number(values.calls), mostUnderWay: 200 },
  seed: Number(values.seed),
  comparesClasses: values.classes,
  say: (line) => console.log(line),
});

const { crowd, calls, leftOut, p50Ms, p99Ms, memoryMib, loadedMib, slopes, grown } = result;
const errors = [...result.errors, ...result.late];

const describe = ({ mibPerMinute, low, high }: Slope): string =>
  `${mibPerMinute.toFixed(3)} MiB a minute (${low.toFixed(3)} to ${high.toFixed(3)})`;

console.log(
  `viewers:    ${crowd.joined} came, ${crowd.vanished} vanished, ${crowd.silent} fell silent, ` +
    `${crowd.cutOff} were cut off because they lagged`,
);
console.log(`API:        ${calls} calls, ${(calls / seconds).toFixed(1)} a second, ${leftOut} left out`);
console.log(`statistics: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`);
console.log(
  `memory:     ${loadedMib.toFixed(1)} MiB under load, ${memoryMib.toFixed(1)} with one viewer, ` +
    `${result.restMib.toFixed(1)} at rest`,
);
console.log(`slope:      ${describe(slopes.all)}, with 95 % confidence, of ${slopes.samples} measurements`);
for (const parts of [slopes.kinds, slopes.heaps]) {
  for (const [name, slope] of parts) {
    if (Math.abs(slope.mibPerMinute) >= LEAST_SHOWN) console.log(`            ${name}: ${describe(slope)}`);
  }
}
for (const line of grown) console.log(`grown:      ${line}`);
for (const error of errors.slice(0, MOST_ERRORS)) console.log(`error:      ${error}`);

const { mibPerMinute, low, high } = slopes.all;
const failures = [
  mibPerMinute > MOST_SLOPE && `memory may grow by ${MOST_SLOPE} MiB a minute`,
  high - low > 2 * MOST_SLOPE &&
    `the measurements are too uneven to tell ${MOST_SLOPE} MiB a minute from none`,
  errors.length > 0 && `${errors.length} errors that no viewer caused; --seed ${values.seed}`,
].filter((failure) => failure !== false);
for (const failure of failures) console.log(`FAILED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
