import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { compare, type WorkloadResult } from './comparison.ts';
import { type FanoutResult, formatFanout, measureFanout } from './fanout.ts';
import { type BenchOptions, HELP, type PeerName, parseOptions } from './options.ts';
import { startDeskwirePeer } from './peers/deskwire.ts';
import type { StartPeer } from './peers/peer.ts';
import { startTigerVnc } from './peers/tigervnc.ts';
import { formatJudgements, formatResults } from './report.ts';
import { createRig, type Rig } from './rig.ts';
import type { RoundNumbers } from './round.ts';
import { judge } from './thresholds.ts';
import type { Workload } from './workloads.ts';

const PEERS: Readonly<Record<PeerName, StartPeer>> = {
  tigervnc: startTigerVnc,
  deskwire: startDeskwirePeer,
};

async function main(options: BenchOptions): Promise<void> {
  const { size, seconds, rounds } = options;
  console.log(
    `${size.width}x${size.height}, ${rounds} rounds of ${seconds} s each, ${cpus().length} cores: ${cpus()[0]?.model}`,
  );
  const rigs: Rig[] = [];
  const close = (): Promise<unknown> => Promise.all(rigs.map((rig) => rig.close()));
  // The servers under measurement would outlive this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(1)));
  }
  const results: WorkloadResult[] = [];
  const fanouts: FanoutResult[] = [];
  const details: Record<string, Record<string, RoundNumbers[]>> = {};
  try {
    for (const name of options.peers) rigs.push(await createRig(PEERS[name], size));
    for (const workload of options.workloads) {
      const numbers = await runInTurn(rigs, workload, options);
      details[workload.name] = numbers;
      results.push(compare(workload.name, numbers));
    }
    if (options.fanout) for (const rig of rigs) fanouts.push(await measureFanout(rig, rounds, seconds));
  } finally {
    await close();
  }
  const judgements = judge(results);
  if (results.length) console.log(`\n${formatResults(results)}\n\n${formatJudgements(judgements)}`);
  for (const fanout of fanouts) console.log(`\n${formatFanout(fanout)}`);
  if (options.json) {
    const report = {
      when: new Date().toISOString(),
      size,
      seconds,
      results,
      judgements,
      fanouts,
      rounds: details,
    };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

/** One round of each server after the other, so that whatever else the machine does hits all of them. */
async function runInTurn(
  rigs: readonly Rig[],
  workload: Workload,
  { rounds, seconds, threads }: BenchOptions,
): Promise<Record<string, RoundNumbers[]>> {
  const numbers: Record<string, RoundNumbers[]> = Object.fromEntries(rigs.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const rig of rigs) {
      const { numbers: result, threadMsPerFrame } = await rig.runRound(workload, seconds);
      numbers[rig.name]!.push(result);
      const p50 = result.p50Ms === undefined ? '' : `, p50 ${result.p50Ms.toFixed(1)} ms`;
      console.log(`${workload.name} ${round}/${rounds} ${rig.name}: ${result.fps.toFixed(1)} fps${p50}`);
      if (!threads) continue;
      const parts = threadMsPerFrame.map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
      console.log(`  CPU ms a frame: ${parts.join(', ')}`);
    }
  }
  return numbers;
}

let options: BenchOptions | undefined;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
if (options?.help) console.log(HELP);
else if (options) await main(options);
