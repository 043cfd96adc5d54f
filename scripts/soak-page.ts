/**
 * `npm run soak -- page`: uses the page for an hour: it loses its server, is resized, and has all its panels opened, those
 * of owners too. Prints what it holds each minute, the slope of its heap, and a verdict. Fails if it holds more and
 * more.
 */
import { parseArgs } from 'node:util';
import { PageUse } from '../bench/soak/page-use.ts';
import { judgePage, type PageSample } from '../bench/soak/page-verdict.ts';

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
  const samples: PageSample[] = [];
  const useUntil = async (untilMs: number): Promise<void> => {
    do {
      await use.cycle();
      cycles++;
    } while (sinceMs() < untilMs);
    const sample = { atMs: sinceMs(), ...(await use.measure()) };
    samples.push(sample);
    const { atMs, heapBytes, nodes, listeners } = sample;
    const minutes = (atMs / 60_000).toFixed(1).padStart(5);
    const kib = (heapBytes / 1024).toFixed(0);
    console.log(`${minutes} min  ${cycles} cycles, ${kib} KiB, ${nodes} nodes, ${listeners} listeners`);
  };
  await useUntil(totalMs * WARM_UP_SHARE);
  while (sinceMs() < totalMs) await useUntil(Math.min(totalMs, sinceMs() + everyMs));
  const { slope, failures } = judgePage(samples);
  const kib = (mib: number): string => (mib * 1024).toFixed(1);
  console.log(
    `slope:   ${kib(slope.mibPerMinute)} KiB a minute (${kib(slope.low)} to ${kib(slope.high)}), ` +
      `with 95 % confidence, of ${samples.length} measurements`,
  );
  for (const failure of failures) console.log(`FAILED:  ${failure}`);
  if (failures.length === 0) console.log('verdict: the page holds no more than at first');
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await use.close();
}
