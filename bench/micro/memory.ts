// Where the memory of a running server is: docs/memory.md.
// Run: node bench/micro/memory.ts [--picture NAME] [--heaps] [--no-shots] [-- flags of the server]
// Pictures are those of the bench's workloads, such as pages. Default: video, which is a film.
// With --heaps it also prints V8's heaps by thread in each state. Such reports take memory in the server themselves.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HttpsClient } from '../../test/support/https-client.ts';
import { type KindUse, type MemoryKind, memoryByKind } from '../../test/support/memory-map.ts';
import { MovingPicture } from '../../test/support/moving-picture.ts';
import { processTree, readProc } from '../../test/support/process-tree.ts';
import { type RunningDeskwire, startDeskwire } from '../../test/support/start-deskwire.ts';
import { forkChild } from '../ipc.ts';
import { memoryAloneBytes } from '../process-usage.ts';
import type { ViewerCalls } from '../viewer/viewer-process.ts';
import type { Workload } from '../workloads.ts';
import { printTable } from './support/table.ts';

const SIZE = { width: 1920, height: 1080 };
const SETTLE_MS = 10_000;
const FILM_MS = 10_000;
const SHOTS = 100;
const FORMATS = ['png', 'jpeg', 'webp'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    picture: { type: 'string', default: 'video' },
    heaps: { type: 'boolean', default: false },
    'no-shots': { type: 'boolean', default: false },
  },
});

interface State {
  readonly name: string;
  /** By process and kind. */
  readonly uses: ReadonlyMap<string, KindUse>;
  /** As it would be if no other program mapped the same files. */
  readonly aloneKb: number;
}

const states: State[] = [];
const reports = mkdtempSync(join(tmpdir(), 'deskwire-memory-'));
const server = await startDeskwire({
  flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--max-fps', '60', '--run', 'true', ...positionals],
  ...(values.heaps && {
    environment: { NODE_OPTIONS: `--report-on-signal --report-directory=${reports}` },
  }),
});
try {
  await sleep(SETTLE_MS);
  await note('idle', server);
  await watchFilm();
  await sleep(SETTLE_MS);
  await note('viewer gone', server);
  if (!values['no-shots']) {
    await takeScreenshots();
    await sleep(SETTLE_MS);
    await note('screenshots', server);
  }
  print();
} finally {
  await server.stop();
  rmSync(reports, { recursive: true, force: true });
}

async function watchFilm(): Promise<void> {
  const viewer = forkChild<ViewerCalls>(new URL('../viewer/viewer-process.ts', import.meta.url));
  let film: MovingPicture | undefined;
  try {
    const { url, ca, owner } = server;
    await viewer.calls.connect({ kind: 'websocket', url, ca, user: owner }, { groups: [], samples: [] });
    film = await MovingPicture.start(server, 30, values.picture as Workload['picture']);
    await sleep(FILM_MS);
    await note(values.picture, server);
  } finally {
    await viewer.close();
    await film?.close();
  }
}

async function takeScreenshots(): Promise<void> {
  const client = new HttpsClient(server.url, server.ca, server.owner);
  for (let i = 0; i < SHOTS; i++) {
    // Every picture has another size, so none is answered from the ones that are kept.
    const query = `format=${FORMATS[i % FORMATS.length]}&width=${SIZE.width - i}`;
    const { status } = await client.get(`/api/get_screenshot?${query}`);
    if (status !== 200) throw new Error(`A screenshot was answered with ${status}.`);
  }
  client.close();
}

async function note(name: string, { pid }: RunningDeskwire): Promise<void> {
  const uses = new Map<string, KindUse>();
  const members = processTree(pid);
  for (const member of members) {
    const program = member === pid ? 'server' : (readProc(member, 'comm') ?? '?').trim();
    for (const [kind, use] of memoryByKind(member)) uses.set(`${program}: ${kind}`, use);
  }
  states.push({ name, uses, aloneKb: memoryAloneBytes(pid) / 1024 });
  if (values.heaps) await printHeaps(name, pid);
}

interface HeapReport {
  readonly totalCommittedMemory: number;
  readonly usedMemory: number;
  readonly externalMemory: number;
  readonly heapSpaces: Readonly<Record<string, { readonly committedMemory: number; readonly used: number }>>;
}

async function printHeaps(state: string, pid: number): Promise<void> {
  process.kill(pid, 'SIGUSR2');
  let file: string | undefined;
  for (; !file; await sleep(500)) file = readdirSync(reports).find((name) => name.endsWith('.json'));
  await sleep(3000);
  const report = JSON.parse(readFileSync(join(reports, file), 'utf8'));
  rmSync(join(reports, file));
  const rows: string[][] = [];
  const add = (name: string, heap: HeapReport): void => {
    const { new_space: young, ...others } = heap.heapSpaces;
    const sum = (key: 'committedMemory' | 'used'): number =>
      Object.values(others).reduce((total, space) => total + space[key], 0);
    const toMb = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
    rows.push([
      name,
      ...[
        heap.totalCommittedMemory,
        young!.committedMemory,
        young!.used,
        sum('committedMemory'),
        sum('used'),
        heap.externalMemory,
      ].map(toMb),
    ]);
  };
  add('main', report.javascriptHeap);
  for (const worker of report.workers) {
    add(/\[(.*)\]/.exec(worker.header.event)?.[1] ?? '?', worker.javascriptHeap);
  }
  printTable(
    `V8 heaps, ${state}, MiB`,
    ['thread', 'committed', 'young', 'used', 'old', 'used', 'external'],
    rows,
  );
}

function print(): void {
  const keys = [...new Set(states.flatMap(({ uses }) => [...uses.keys()]))];
  const sumOf = (state: State, take: (key: string, use: KindUse) => number): number =>
    [...state.uses].reduce((sum, [key, use]) => sum + take(key, use), 0);
  const toMb = (kb: number): string => (kb / 1024).toFixed(1);
  const most = (key: string): number => Math.max(...states.map(({ uses }) => uses.get(key)?.pss ?? 0));
  const rows = keys
    .filter((key) => most(key) > 100)
    .sort((a, b) => most(b) - most(a))
    .map((key) => [key, ...states.map(({ uses }) => toMb(uses.get(key)?.pss ?? 0))]);
  const isForeign = (key: string): boolean =>
    key.endsWith(': shared with programs' satisfies `: ${MemoryKind}`);
  const total = (name: string, take: (key: string, use: KindUse) => number): string[] => [
    name,
    ...states.map((state) => toMb(sumOf(state, take))),
  ];
  printTable(
    `PSS by process and kind, MiB`,
    ['', ...states.map(({ name }) => name)],
    [
      ...rows,
      total('all', (_key, { pss }) => pss),
      total('all but pictures of programs', (key, { pss }) => (isForeign(key) ? 0 : pss)),
      ['the same, if no other program mapped the same files', ...states.map(({ aloneKb }) => toMb(aloneKb))],
    ],
  );
}
