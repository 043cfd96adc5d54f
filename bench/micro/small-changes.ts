// What a small change costs the whole server, by thread, with one viewer: at 30 changes a second, at the rate of a
// blinking caret, and without any.
// Run: node bench/micro/small-changes.ts [seconds for each] [seconds of painting before]

import { startDeskwirePeer } from '../peers/deskwire.ts';
import { createRig } from '../rig.ts';
import { WORKLOADS, type Workload } from '../workloads.ts';

const SIZE = { width: 1920, height: 1080 };
const SEED = 1;
const [small, idle] = ['small-30', 'idle'].map((name) => WORKLOADS.find((one) => one.name === name)!);
const CASES: readonly Workload[] = [small!, { ...small!, fps: 2 }, idle!];

const [seconds = 6, warmUpSeconds = 10] = process.argv.slice(2).map(Number);
const rig = await createRig(startDeskwirePeer, SIZE);
try {
  for (const workload of CASES) {
    const { numbers, threadsPerFrame } = await rig.runRound(workload, { warmUpSeconds, seconds }, SEED);
    console.log(
      `\n${workload.fps} changes a second: ${numbers.cpuMsPerFrame?.toFixed(3) ?? '-'} ms of CPU each, ` +
        `${numbers.cpuPercent.toFixed(2)} % of a core, p50 ${numbers.p50Ms?.toFixed(2) ?? '-'} ms`,
    );
    for (const { name, cpuMs, turns } of threadsPerFrame)
      console.log(`  ${name.padEnd(20)} ${cpuMs.toFixed(3)} ms, ${turns.toFixed(1)} turns`);
  }
} finally {
  await rig.close();
}
