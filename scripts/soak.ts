/**
 * `npm run soak`: loads a server for half an hour, with 50 viewers that come, go, lag and vanish, 100 API calls a
 * second, resizes and clipboards. Fails for an error that no viewer caused, and for memory that grows over the last two
 * thirds of the time.
 */
import { parseArgs } from 'node:util';
import { soak } from '../bench/soak/soak.ts';

/** Growth of memory in MiB per minute above which the run fails: half a GiB in two days. */
const MOST_SLOPE = 0.2;

/** Slope from which a kind of memory is shown, in MiB per minute. */
const LEAST_SHOWN = 0.01;

/** Most errors that are shown. */
const MOST_ERRORS = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1800' },
    viewers: { type: 'string', default: '50' },
    calls: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string', default: '60' },
  },
});

const seconds = Number(values.seconds);
const result = await soak({
  seconds,
  flatSeconds: (seconds * 2) / 3,
  viewers: Number(values.viewers),
  api: { callsPerSecond: Number(values.calls), mostUnderWay: 200 },
  seed: Number(values.seed),
  say: (line) => console.log(line),
  reportSeconds: Number(values.report),
});

const { crowd, calls, leftOut, p50Ms, p99Ms, memoryMib, slopeMibPerMinute, slopes, slopeWithGarbage } =
  result;
const errors = [...result.errors, ...result.late];
console.log(
  `viewers:    ${crowd.joined} came, ${crowd.vanished} vanished, ${crowd.silent} fell silent, ` +
    `${crowd.cutOff} were cut off because they lagged`,
);
console.log(`API:        ${calls} calls, ${(calls / seconds).toFixed(1)} a second, ${leftOut} left out`);
console.log(`statistics: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`);
console.log(`memory:     ${memoryMib.toFixed(1)} MiB, at rest ${result.restMib.toFixed(1)} MiB`);
console.log(
  `slope:      ${slopeMibPerMinute.toFixed(3)} MiB a minute after collections of garbage, ` +
    `${slopeWithGarbage.toFixed(3)} with garbage`,
);
for (const [kind, slope] of slopes) {
  if (Math.abs(slope) >= LEAST_SHOWN) console.log(`            ${kind}: ${slope.toFixed(3)} MiB a minute`);
}
for (const error of errors.slice(0, MOST_ERRORS)) console.log(`error:      ${error}`);
if (slopeMibPerMinute > MOST_SLOPE) console.log(`FAILED: memory may grow by ${MOST_SLOPE} MiB a minute`);
if (errors.length > 0)
  console.log(`FAILED: ${errors.length} errors that no viewer caused; --seed ${values.seed}`);
process.exitCode = slopeMibPerMinute > MOST_SLOPE || errors.length > 0 ? 1 : 0;
