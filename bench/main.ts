import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { compare, type WorkloadResult } from './comparison.ts';
import { type FanoutResult, formatFanout, measureFanout } from './fanout.ts';
import { type BenchOptions, HELP, type PeerName, parseOptions } from './options.ts';
import { startDeskwirePeer } from './peers/deskwire.ts';
import type { StartPeer } from './peers/peer.ts';
import { startTigerVnc } from './peers/tigervnc.ts';
import { formatJudgements, formatResults, formatRound, formatThreads } from './report.ts';
import { createRig, type Rig, type Round } from './rig.ts';
import type { RoundNumbers } from './round.ts';
import { judge, judgeFanout } from './thresholds.ts';
import { FANOUT_WORKLOADS, type Workload } from './workloads.ts';

const PEERS: Readonly<Record<PeerName, StartPeer>> = {
  tigervnc: startTigerVnc,
  deskwire: startDeskwirePeer,
};

/** Most attempts at a round. Without a limit, a run on a machine that is never idle would not end. */
const MAX_TRIES = 10;

async function main(options: BenchOptions): Promise<void> {
  const { size, times, rounds } = options;
  console.log(
    `${size.width}x${size.height}, ${rounds} rounds of ${times.seconds} s each after ${times.warmUpSeconds} s, ${cpus().length} cores: ${cpus()[0]?.model}`,
  );
  const rigs: Rig[] = [];
  const close = (): Promise<unknown> => Promise.all(rigs.map((rig) => rig.close()));
  // On a signal, close the servers, which would otherwise outlive this process.
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
    for (const workload of options.fanout ? FANOUT_WORKLOADS : []) {
      for (const rig of rigs) fanouts.push(await measureFanout(rig, workload, rounds, times));
    }
  } finally {
    await close();
  }
  const judgements = [...judge(results, size), ...judgeFanout(fanouts, size)];
  if (results.length) console.log(`\n${formatResults(results)}`);
  for (const fanout of fanouts) console.log(`\n${formatFanout(fanout)}`);
  if (judgements.length) console.log(`\n${formatJudgements(judgements)}`);
  if (options.json) {
    const report = {
      when: new Date().toISOString(),
      size,
      ...times,
      results,
      judgements,
      fanouts,
      rounds: details,
    };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

/** Runs one round of each server after the other, so that other load on the machine affects all of them. */
async function runInTurn(
  rigs: readonly Rig[],
  workload: Workload,
  options: BenchOptions,
): Promise<Record<string, RoundNumbers[]>> {
  const numbers: Record<string, RoundNumbers[]> = Object.fromEntries(rigs.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const rig of rigs) {
      const result = await runUndisturbed(rig, workload, options);
      numbers[rig.name]!.push(result.numbers);
      console.log(`${workload.name} ${round}/${options.rounds} ${formatRound(rig.name, result)}`);
      if (options.threads) console.log(formatThreads(result));
    }
  }
  return numbers;
}

/** Repeats a round that other programs disturbed. The last attempt counts in any case. */
async function runUndisturbed(rig: Rig, workload: Workload, options: BenchOptions): Promise<Round> {
  for (let tries = 1; ; tries++) {
    const result = await rig.runRound(workload, options.times);
    if (result.numbers.othersPercent <= options.maxOthersPercent || tries === MAX_TRIES) return result;
  }
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
