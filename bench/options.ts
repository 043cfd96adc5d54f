import { parseArgs } from 'node:util';
import type { Size } from '../src/pixels/rect.ts';
import type { RoundTimes } from './rig.ts';
import { ORDINARY_WORKLOADS, WORKLOADS, type Workload } from './workloads.ts';

export const HELP = `Usage: npm run bench -- [options] [workload ...]

Paints the same moving pictures on the desktops of Deskwire and of Debian's TigerVNC, in turn, and
measures what a viewer gets. bench/README.md explains the method and the numbers.

Workloads: ${WORKLOADS.map(({ name }) => name).join(' ')}
  Default: all except those at 10 frames per second. The word "fanout" measures those instead, with sixteen viewers
  and with one.

Options:
  --size WxH      size of the desktops (1920x1080)
  --seconds N     length of a round (6)
  --warm-up N     seconds of painting before each round (2; 8 on screens larger than 1920x1080, where video mode
                  begins after 5)
  --rounds N      rounds of each workload on each server; medians are printed (3)
  --peer NAME     only this server, deskwire or tigervnc; may be given twice
  --max-others N  repeat a round, at most ten times, if other programs used more than N % of a core
  --threads       print after each round which threads used the CPU
  --json FILE     also write every number to this file
  --help
`;

const PEER_NAMES = ['tigervnc', 'deskwire'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export interface BenchOptions {
  readonly help: boolean;
  readonly size: Size;
  readonly times: RoundTimes;
  readonly rounds: number;
  readonly peers: readonly PeerName[];
  readonly workloads: readonly Workload[];
  readonly fanout: boolean;
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
      rounds: { type: 'string', default: '3' },
      peer: { type: 'string', multiple: true, default: [...PEER_NAMES] },
      'max-others': { type: 'string' },
      threads: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const names = positionals.filter((name) => name !== 'fanout');
  const fanout = names.length < positionals.length;
  const size = parseSize(values.size);
  return {
    help: values.help,
    size,
    times: {
      seconds: parseCount('--seconds', values.seconds),
      warmUpSeconds:
        values['warm-up'] === undefined ? warmUpSeconds(size) : parseCount('--warm-up', values['warm-up']),
    },
    rounds: parseCount('--rounds', values.rounds),
    peers: values.peer.map((name) => oneOf('server', PEER_NAMES, name)),
    workloads:
      names.length || fanout
        ? names.map((name) => oneOf('workload', WORKLOADS, name, (workload) => workload.name))
        : ORDINARY_WORKLOADS,
    fanout,
    threads: values.threads,
    maxOthersPercent:
      values['max-others'] === undefined
        ? Number.POSITIVE_INFINITY
        : parseCount('--max-others', values['max-others']),
    json: values.json,
  };
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

function oneOf<T>(what: string, all: readonly T[], name: string, nameOf: (one: T) => string = String): T {
  const found = all.find((one) => nameOf(one) === name);
  if (found === undefined) {
    throw new Error(`No ${what} "${name}"; there are ${all.map(nameOf).join(', ')}`);
  }
  return found;
}
