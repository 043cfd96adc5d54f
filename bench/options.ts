import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Size } from '../src/pixels/rect.ts';
import { programsNamed } from './keyboard/keyboard.ts';
import type { TypedProgram } from './keyboard/programs.ts';
import type { RoundTimes } from './rig.ts';
import { MAX_SEED } from './scenes/dice.ts';
import { ORDINARY_WORKLOADS, WORKLOADS, type Workload } from './workloads.ts';

export const HELP = `Usage: npm run bench -- [options] [workload ...]

Paints the same moving pictures on the desktops of Deskwire and of Debian's TigerVNC, in turn, and
measures what a viewer gets. bench/README.md explains the method and the numbers.

Workloads (--list names them):
  Without a name, all that are not marked "only if named". A name without its rate, such as "scroll", stands for all
  workloads whose names begin with it. The word "fanout" measures those at 10 frames per second, with sixteen viewers
  and with one. The word "memory" measures memory before, with, and after a viewer. The word "links" measures how old
  updates are that arrive over slow links which lose packets, under cubic and bbr: five minutes, Deskwire alone, as root.
  The word "api" measures the rate and the cost of API calls, Deskwire alone.
  The word "page" compares what Chromium shows of our page and of npm's noVNC on TigerVNC, at 1920x1080 by software
  rendering: films, scrolled text, small changes, keys, and the first picture after opening.
  The word "hop" compares the way to a desktop through the edge of a fleet with the direct one: frames, keys, fences.
  The word "density" measures the memory and the idle CPU of twenty desktops of a fleet.
  The word "start" measures how long new desktops of a fleet take to their first picture in Chromium, one and ten.
  The word "keyboard" measures what programs get of typed text, Deskwire alone. Started by root on Debian, it installs
  the programs that are missing.

Options:
  --size WxH      size of the desktops (1920x1080)
  --seconds N     length of a round (6)
  --warm-up N     seconds of painting before each round (2; 8 on screens larger than 1920x1080, where video mode
                  begins after 5)
  --rounds N      rounds of each workload on each server; medians are printed (3; 5 of "page")
  --seed N        what drawn pictures look like; each round draws another. The first line of the output has the seed,
                  so that a run can be repeated (random)
  --peer NAME     only this server, deskwire or tigervnc; may be given twice
  --max-others N  repeat a round, at most ten times, if other programs used more than N % of a core
  --characters N  characters of each text that "keyboard" types (10000)
  --program NAME  only this program of "keyboard", such as xterm or "xterm, ibus"; may be given more than once
  --busy          keep one core busy at nice 10 meanwhile
  --threads       print after each round which threads used the CPU
  --json FILE     also write every number to this file
  --list          list the workloads
  --help
`;

const PEER_NAMES = ['tigervnc', 'deskwire'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** What is measured besides workloads, if named. */
const WORDS = ['fanout', 'memory', 'links', 'api', 'keyboard', 'page', 'hop', 'density', 'start'] as const;

/** Rounds if the user does not say. A larger number takes longer, and varies less. */
const ROUNDS = { workloads: 3, page: 5 } as const;

export interface BenchOptions {
  readonly help: boolean;
  readonly list: boolean;
  readonly size: Size;
  readonly times: RoundTimes;
  readonly rounds: number;
  /** Rounds of "page". */
  readonly pageRounds: number;
  readonly seed: number;
  readonly peers: readonly PeerName[];
  readonly workloads: readonly Workload[];
  readonly fanout: boolean;
  readonly memory: boolean;
  readonly links: boolean;
  readonly api: boolean;
  readonly keyboard: boolean;
  readonly page: boolean;
  readonly hop: boolean;
  readonly density: boolean;
  readonly start: boolean;
  readonly characters: number;
  readonly programs: readonly TypedProgram[];
  readonly busy: boolean;
  readonly threads: boolean;
  readonly maxOthersPercent: number;
  readonly json: string | undefined;
}

/** Parses the command line. Throws an Error whose message tells the user what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      size: { type: 'string', default: '1920x1080' },
      seconds: { type: 'string', default: '6' },
      'warm-up': { type: 'string' },
      rounds: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [...PEER_NAMES] },
      'max-others': { type: 'string' },
      characters: { type: 'string', default: '10000' },
      program: { type: 'string', multiple: true, default: [] },
      busy: { type: 'boolean', default: false },
      threads: { type: 'boolean', default: false },
      json: { type: 'string' },
      seed: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const isNamed = (word: (typeof WORDS)[number]): boolean => positionals.includes(word);
  const names = positionals.filter((name) => !WORDS.some((word) => word === name));
  const size = parseSize(values.size);
  const rounds = values.rounds === undefined ? undefined : parseCount('--rounds', values.rounds);
  return {
    help: values.help,
    list: values.list,
    size,
    times: {
      seconds: parseCount('--seconds', values.seconds),
      warmUpSeconds:
        values['warm-up'] === undefined ? warmUpSeconds(size) : parseCount('--warm-up', values['warm-up']),
    },
    rounds: rounds ?? ROUNDS.workloads,
    pageRounds: rounds ?? ROUNDS.page,
    seed: values.seed === undefined ? randomInt(1, MAX_SEED) : parseCount('--seed', values.seed),
    peers: values.peer.map(peerNamed),
    workloads: positionals.length ? [...new Set(names.flatMap(workloadsNamed))] : ORDINARY_WORKLOADS,
    fanout: isNamed('fanout'),
    memory: isNamed('memory'),
    links: isNamed('links'),
    api: isNamed('api'),
    keyboard: isNamed('keyboard'),
    page: isNamed('page'),
    hop: isNamed('hop'),
    density: isNamed('density'),
    start: isNamed('start'),
    characters: parseCount('--characters', values.characters),
    programs: programsNamed(values.program),
    busy: values.busy,
    threads: values.threads,
    maxOthersPercent:
      values['max-others'] === undefined
        ? Number.POSITIVE_INFINITY
        : parseCount('--max-others', values['max-others']),
    json: values.json,
  };
}

/** Returns the workload of that name, or all whose names begin with it. */
function workloadsNamed(name: string): Workload[] {
  const exact = WORKLOADS.filter((workload) => workload.name === name);
  const found = exact.length ? exact : WORKLOADS.filter((workload) => workload.name.startsWith(`${name}-`));
  if (!found.length) throw new Error(`No workload "${name}"; --list names them`);
  return found;
}

/** Returns the time before a round. On a large screen, video mode must have begun. */
function warmUpSeconds({ width, height }: Size): number {
  return width > 1920 || height > 1080 ? 8 : 2;
}

function parseSize(text: string): Size {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw new Error(`--size: "${text}" is not like 1920x1080`);
  return { width: Number(match[1]), height: Number(match[2]) };
}

function parseCount(flag: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${flag}: "${text}" is not a positive number`);
  return count;
}

function peerNamed(name: string): PeerName {
  const found = PEER_NAMES.find((one) => one === name);
  if (found === undefined) throw new Error(`No server "${name}"; there are ${PEER_NAMES.join(', ')}`);
  return found;
}

/** Lists the workloads, one a line. */
export const listWorkloads = (): string =>
  [
    ...WORKLOADS.map(({ name, shows }) => {
      const isOrdinary = ORDINARY_WORKLOADS.some((ordinary) => ordinary.name === name);
      return listed(name, `${shows}${isOrdinary ? '' : ' (only if named)'}`);
    }),
    listed('fanout', 'sixteen viewers and one (only if named)'),
    listed('memory', 'memory before, with, and after a viewer (only if named)'),
    listed('links', 'updates over slow links that lose packets (only if named)'),
    listed('api', 'rate and cost of API calls (only if named)'),
    listed('keyboard', 'text typed into programs (only if named)'),
    listed('page', 'what Chromium shows of our page, and of noVNC (only if named)'),
    listed('hop', 'the way through the edge of a fleet, and the direct one (only if named)'),
    listed('density', 'twenty idle desktops of a fleet (only if named)'),
    listed('start', 'new desktops of a fleet, until Chromium shows them (only if named)'),
  ].join('\n');

const listed = (name: string, shows: string): string => `${name.padEnd(18)} ${shows}`;
