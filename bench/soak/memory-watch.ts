import { readdirSync } from 'node:fs';
import { type MemoryKind, memoryByKind } from '../../test/support/memory-map.ts';
import { processTree } from '../../test/support/process-tree.ts';
import type { HeapUse } from './probe-client.ts';
import { type Slope, slopeOf } from './slope.ts';

/**
 * Kinds of memory that are pages of programs' files. Other programs on the machine that begin or end change the share
 * that counts for the server, by up to 50 MiB, and a server cannot leak them.
 */
const FILES: readonly MemoryKind[] = ['node, mapped', 'libraries, mapped'];

interface KindSample {
  readonly atMs: number;
  /** Bytes by process and kind: together all memory. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Bytes that V8 says each thread uses: parts of some kinds. */
  readonly heaps: ReadonlyMap<string, number>;
}

/** Slopes of all memory and of its parts. */
export interface Slopes {
  readonly samples: number;
  readonly all: Slope;
  /** By process and kind of memory. */
  readonly kinds: ReadonlyMap<string, Slope>;
  /** What the threads' heaps hold, and buffers outside them. */
  readonly heaps: ReadonlyMap<string, Slope>;
}

/** The memory of a server, its X server included, over time. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #samples: KindSample[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Measures once. Returns the sum in bytes. */
  sample(atMs: number, heaps: readonly HeapUse[] = []): number {
    const kinds = new Map<string, number>();
    for (const member of processTree(this.#pid)) {
      const process = member === this.#pid ? 'server' : 'desktop';
      for (const [kind, { pss }] of memoryByKind(member)) {
        if (!FILES.includes(kind)) add(kinds, `${process}: ${kind}`, pss * 1024);
      }
    }
    const held = new Map<string, number>();
    for (const { thread, usedBytes, externalBytes } of heaps) {
      add(held, `heap of ${thread}`, usedBytes);
      add(held, `buffers of ${thread}`, externalBytes);
    }
    this.#samples.push({ atMs, kinds, heaps: held });
    return sum(kinds);
  }

  /** Returns the slopes since `fromMs`. */
  slopesSince(fromMs: number): Slopes {
    const samples = this.#samples.filter(({ atMs }) => atMs >= fromMs);
    const slopeBy = (bytesOf: (sample: KindSample) => number): Slope =>
      slopeOf(samples.map((sample) => ({ atMs: sample.atMs, bytes: bytesOf(sample) })));
    const slopesOf = (part: 'kinds' | 'heaps'): Map<string, Slope> => {
      const names = new Set(samples.flatMap((sample) => [...sample[part].keys()]));
      return new Map([...names].map((name) => [name, slopeBy((sample) => sample[part].get(name) ?? 0)]));
    };
    return {
      samples: samples.length,
      all: slopeBy(({ kinds }) => sum(kinds)),
      kinds: slopesOf('kinds'),
      heaps: slopesOf('heaps'),
    };
  }
}

/** Returns the number of file descriptors that a process has open. */
export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const add = (to: Map<string, number>, name: string, bytes: number): unknown =>
  to.set(name, (to.get(name) ?? 0) + bytes);

const sum = (kinds: KindSample['kinds']): number =>
  [...kinds.values()].reduce((all, bytes) => all + bytes, 0);
