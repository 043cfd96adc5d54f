/**
 * Loaded into a server by `--import`: collects the garbage of all its threads, says what each thread's heap then holds,
 * and writes heap snapshots. Answers one line of JSON for each line that comes through the Unix socket PROBE_SOCKET.
 */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId, threadName } from 'node:worker_threads';
import { giveBackMemory } from '../../src/common/process-memory.ts';
import type { HeapUse, ProbeAnswer, ProbeCall } from './probe-client.ts';

/** Time in which all threads have collected their garbage and answered, in ms. A thread that is late is left out. */
const COLLECTS_MS = 1_000;

/** Collections one after the other: what the first one frees may hold other objects until it is finalized. */
const COLLECTIONS = 3;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (how: { type: 'major'; execution: 'sync'; flavor: string }) => void;
const channel = new BroadcastChannel('soak probe');
/** Answers of the other threads. */
let others: HeapUse[] = [];

async function collectHere(): Promise<HeapUse> {
  for (let i = 0; i < COLLECTIONS; i++) {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await nextTurn();
  }
  const { used_heap_size: usedBytes, external_memory: externalBytes } = getHeapStatistics();
  return {
    thread: isMainThread ? 'main' : (threadName ?? `thread ${threadId}`),
    usedBytes,
    externalBytes,
  };
}

channel.onmessage = async ({ data }) => {
  if (isMainThread) others.push(data as HeapUse);
  else if (data === 'collect') channel.postMessage(await collectHere());
};
channel.unref();
if (isMainThread) listen(process.env.PROBE_SOCKET!);

function listen(path: string): void {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.unref();
    createInterface(socket).on('line', (line) => void answer(JSON.parse(line) as ProbeCall, socket));
  });
  server.listen(path).unref();
}

async function answer(call: ProbeCall, socket: Socket): Promise<void> {
  const heaps = call.snapshot === undefined ? await collectAll() : [];
  if (call.snapshot !== undefined) writeHeapSnapshot(call.snapshot);
  socket.write(`${JSON.stringify({ heaps } satisfies ProbeAnswer)}\n`);
}

async function collectAll(): Promise<HeapUse[]> {
  others = [];
  channel.postMessage('collect');
  const main = await collectHere();
  await sleep(COLLECTS_MS);
  giveBackMemory();
  return [main, ...others];
}
