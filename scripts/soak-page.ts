/**
 * `npm run soak -- page`: uses the page for an hour: it loses its server, is resized, and has its panels opened, about
 * twice a second. Prints what it holds each minute. Fails if it holds more at the end than after the first minutes.
 */
import { parseArgs } from 'node:util';
import { PageUse } from '../bench/soak/page-use.ts';

/** Growth over the whole time for which the run fails, in bytes: less than a byte for each cycle and event of an hour. */
const MOST_BYTES = 512 * 1024;
const MOST_NODES = 50;
const MOST_LISTENERS = 20;

/** Share of the time after which the page has made everything that it makes once. */
const WARM_UP_SHARE = 0.1;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3600' }, every: { type: 'string', default: '60' } },
});
const [totalMs, everyMs] = [Number(values.seconds) * 1000, Number(values.every) * 1000];
if (!(totalMs > 0 && everyMs > 0)) throw new Error('--seconds and --every take positive numbers');

const use = await PageUse.start();
try {
  const startMs = performance.now();
  const sinceMs = (): number => performance.now() - startMs;
  let cycles = 0;
  const useUntil = async (untilMs: number): Promise<void> => {
    do {
      await use.cycle();
      cycles++;
    } while (sinceMs() < untilMs);
  };
  await useUntil(totalMs * WARM_UP_SHARE);
  const first = await use.measure();
  console.log(`after ${cycles} cycles: ${JSON.stringify(first)}`);
  let last = first;
  while (sinceMs() < totalMs) {
    await useUntil(Math.min(totalMs, sinceMs() + everyMs));
    last = await use.measure();
    console.log(`after ${cycles} cycles: ${JSON.stringify(last)}`);
  }
  const failures = [
    last.heapBytes - first.heapBytes > MOST_BYTES &&
      `the heap grew by ${last.heapBytes - first.heapBytes} bytes`,
    last.nodes - first.nodes > MOST_NODES && `${last.nodes - first.nodes} nodes more`,
    last.listeners - first.listeners > MOST_LISTENERS && `${last.listeners - first.listeners} listeners more`,
  ].filter((failure) => failure !== false);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await use.close();
}
