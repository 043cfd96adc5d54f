import { writeFile } from 'node:fs/promises';
import { cpus, setPriority } from 'node:os';
import { type BusyCore, startBusyCore } from '../scripts/busy-core.ts';
import { type ApiResults, formatApi, measureApi } from './api/api.ts';
import { compare, type WorkloadResult } from './comparison.ts';
import { type DensityResult, formatDensity, measureDensity } from './density.ts';
import { type FanoutResult, formatFanout, measureFanout } from './fanout.ts';
import { formatHop, type HopResult, measureHop } from './hop.ts';
import { formatKeyboard, type KeyboardResult, measureKeyboard } from './keyboard/keyboard.ts';
import { formatLinks, type LinkResult, measureLinks } from './links.ts';
import { formatMemory, type MemoryResult, measureMemory } from './memory.ts';
import { type BenchOptions, HELP, listWorkloads, type PeerName, parseOptions } from './options.ts';
import { measurePages, type PageName, type PageResults } from './page/page.ts';
import { formatPages, judgePages } from './page/page-report.ts';
import { missingPackage } from './painter/programs/installed.ts';
import { startDeskwirePeer } from './peers/deskwire.ts';
import type { StartPeer } from './peers/peer.ts';
import { startTigerVnc } from './peers/tigervnc.ts';
import { formatJudgements, formatResults, formatRound, formatThreads, formatWorst } from './report.ts';
import { createRig, type Rig, type Round } from './rig.ts';
import type { RoundNumbers } from './round.ts';
import { roundSeed } from './scenes/dice.ts';
import { formatStarts, measureStarts, type StartResult } from './start.ts';
import {
  judge,
  judgeApi,
  judgeDensity,
  judgeFanout,
  judgeHop,
  judgeKeyboard,
  judgeLinks,
  judgeMemory,
  judgeStarts,
} from './thresholds.ts';
import { FANOUT_WORKLOADS, isProgram, MEMORY_WORKLOAD, type Workload } from './workloads.ts';

const PEERS: Readonly<Record<PeerName, StartPeer>> = {
  tigervnc: startTigerVnc,
  deskwire: startDeskwirePeer,
};

/** Most attempts at a round. Without a limit, a run on a machine that is never idle would not end. */
const MAX_TRIES = 10;

async function main(options: BenchOptions): Promise<void> {
  const { size, times, rounds, seed } = options;
  console.log(
    `${size.width}x${size.height}, ${rounds} rounds of ${times.seconds} s each after ${times.warmUpSeconds} s, ${cpus().length} cores: ${cpus()[0]?.model}, ${options.busy ? 'one of them busy, ' : ''}--seed ${seed}`,
  );
  const rigs: Rig[] = [];
  const busy = options.busy ? keepCoreBusy() : undefined;
  const close = (): Promise<unknown> => Promise.all([busy?.stop(), ...rigs.map((rig) => rig.close())]);
  // On a signal, close the servers, which would otherwise outlive this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(1)));
  }
  const results: WorkloadResult[] = [];
  const fanouts: FanoutResult[] = [];
  const memories: MemoryResult[] = [];
  let links: LinkResult[] = [];
  let api: ApiResults | undefined;
  let hops: HopResult[] = [];
  let density: DensityResult | undefined;
  let starts: StartResult | undefined;
  let keyboard: KeyboardResult = { typed: [], composed: [], failed: [] };
  let pages: PageResults = {};
  const details: Record<string, Record<string, RoundNumbers[]>> = {};
  try {
    for (const name of comparesPeers(options) ? options.peers : [])
      rigs.push(await createRig(PEERS[name], size));
    // First, while the servers have shown nothing yet.
    for (const rig of options.memory ? rigs : []) {
      memories.push(await measureMemory(rig, MEMORY_WORKLOAD, times));
    }
    for (const workload of options.workloads.filter(isInstalled)) {
      const { numbers, drawn } = await runInTurn(rigs, workload, options);
      details[workload.name] = numbers;
      results.push(compare(workload.name, numbers, drawn));
    }
    for (const workload of options.fanout ? FANOUT_WORKLOADS : []) {
      for (const rig of rigs) fanouts.push(await measureFanout(rig, workload, rounds, times));
    }
    if (options.links) links = await measureLinks();
    if (options.api) api = await measureApi(size);
    if (options.page)
      pages = await measurePages({ ...options, rounds: options.pageRounds, pages: pagesOf(options) });
    if (options.hop) hops = await measureHop(options);
    if (options.density) density = await measureDensity();
    if (options.start) starts = await measureStarts(rounds);
    if (options.keyboard) keyboard = await measureKeyboard(options.characters, options.programs);
  } finally {
    await close();
  }
  const judgements = [
    ...judge(results, size, options.busy),
    ...judgeFanout(fanouts, size),
    ...judgeMemory(memories, size),
    ...judgeLinks(links),
    ...judgeApi(api),
    ...judgeKeyboard(keyboard),
    ...judgePages(pages, size),
    ...judgeHop(hops),
    ...judgeDensity(density),
    ...judgeStarts(starts),
  ];
  if (results.length) console.log(`\n${formatResults(results)}`);
  if (results.some(({ worst }) => worst)) console.log(`\n${formatWorst(results)}`);
  for (const fanout of fanouts) console.log(`\n${formatFanout(fanout)}`);
  for (const memory of memories) console.log(`\n${formatMemory(memory)}`);
  if (links.length) console.log(`\n${formatLinks(links)}`);
  if (api) console.log(`\n${formatApi(api)}`);
  if (keyboard.typed.length) console.log(`\n${formatKeyboard(keyboard.typed)}`);
  if (options.page) console.log(`\n${formatPages(pages)}`);
  if (hops.length) console.log(`\n${formatHop(hops)}`);
  if (starts) console.log(`\n${formatStarts(starts)}`);
  if (density) console.log(`\n${formatDensity(density)}`);
  if (judgements.length) console.log(`\n${formatJudgements(judgements)}`);
  if (options.json) {
    const report = {
      when: new Date().toISOString(),
      size,
      seed,
      ...times,
      results,
      judgements,
      fanouts,
      memories,
      links,
      api,
      keyboard,
      pages,
      hops,
      density,
      starts,
      rounds: details,
    };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

/** The pages of the servers that are measured. */
const pagesOf = ({ peers }: BenchOptions): PageName[] =>
  peers.map((peer) => (peer === 'tigervnc' ? 'novnc' : peer));

/** Whether servers have to be started: links are measured without them, and the keyboard with desktops of its own. */
const comparesPeers = ({ workloads, fanout, memory }: BenchOptions): boolean =>
  workloads.length > 0 || fanout || memory;

/** Returns whether a workload's program is there. If not, says which package has it. */
function isInstalled({ name, picture }: Workload): boolean {
  const missing = isProgram(picture) ? missingPackage(picture) : undefined;
  if (missing) console.error(`${name} is left out: Debian package ${missing} is missing`);
  return missing === undefined;
}

/** Niceness of the process that keeps a core busy, like a build or a backup in the background. */
const BUSY_NICENESS = 10;

function keepCoreBusy(): BusyCore {
  const busy = startBusyCore();
  setPriority(busy.process.pid!, BUSY_NICENESS);
  return busy;
}

/**
 * Runs one round of each server after the other, so that other load on the machine affects all of them. Both paint
 * what was drawn for the round.
 */
async function runInTurn(rigs: readonly Rig[], workload: Workload, options: BenchOptions): Promise<Rounds> {
  const numbers: Record<string, RoundNumbers[]> = Object.fromEntries(rigs.map(({ name }) => [name, []]));
  const drawn: string[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const seed = roundSeed(options.seed, workload.name, round);
    for (const rig of rigs) {
      const result = await runUndisturbed(rig, workload, options, seed);
      numbers[rig.name]!.push(result.numbers);
      if (result.drawn !== undefined && drawn.length < round) {
        drawn.push(result.drawn);
        console.error(`${workload.name} ${round}/${options.rounds}: ${result.drawn}`);
      }
      console.error(`${workload.name} ${round}/${options.rounds} ${formatRound(rig.name, result)}`);
      if (options.threads) console.error(formatThreads(result));
    }
  }
  return { numbers, drawn };
}

interface Rounds {
  /** By the server's name. */
  readonly numbers: Record<string, RoundNumbers[]>;
  /** What was drawn for each round. Empty if the rounds do not differ. */
  readonly drawn: readonly string[];
}

/** Repeats a round that other programs disturbed. The last attempt counts in any case. */
async function runUndisturbed(
  rig: Rig,
  workload: Workload,
  options: BenchOptions,
  seed: number,
): Promise<Round> {
  for (let tries = 1; ; tries++) {
    const result = await rig.runRound(workload, options.times, seed);
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
else if (options?.list) console.log(listWorkloads());
else if (options) await main(options);
