import { readdirSync } from 'node:fs';
import { type MemoryKind, memoryByKind } from '../../test/support/memory-map.ts';
import { processTree } from '../../test/support/process-tree.ts';
import { lowsOf, type MemorySample, slopeMibPerMinute } from './slope.ts';

/**
 * Kinds of memory that are pages of programs' files. Other programs on the machine that begin or end change the share
 * that counts for the server, by up to 50 MiB, and a server cannot leak them.
 */
const FILES: readonly MemoryKind[] = ['node, mapped', 'libraries, mapped'];

/** Spans of the flat time, of each of which the least memory counts: a minute of 20. */
const SPANS = 20;

interface KindSample {
  readonly atMs: number;
  readonly kinds: ReadonlyMap<string, number>;
}

/** The memory of a server, its X server included, over time. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #samples: KindSample[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Measures once. Returns the sum in bytes. */
  sample(atMs: number): number {
    const kinds = new Map<string, number>();
    for (const member of processTree(this.#pid)) {
      const process = member === this.#pid ? 'server' : 'desktop';
      for (const [kind, { pss }] of memoryByKind(member)) {
        if (FILES.includes(kind)) continue;
        const name = `${process}: ${kind}`;
        kinds.set(name, (kinds.get(name) ?? 0) + pss * 1024);
      }
    }
    this.#samples.push({ atMs, kinds });
    return sum(kinds);
  }

  /** Returns the slope since `fromMs` in MiB per minute, of all memory and of each kind. */
  slopesSince(fromMs: number): { readonly all: number; readonly byKind: ReadonlyMap<string, number> } {
    const samples = this.#samples.filter(({ atMs }) => atMs >= fromMs);
    const spanMs = ((samples.at(-1)?.atMs ?? 0) - fromMs) / SPANS;
    const slopeOf = (bytesOf: (kinds: KindSample['kinds']) => number): number => {
      const values = samples.map(({ atMs, kinds }): MemorySample => ({ atMs, bytes: bytesOf(kinds) }));
      return slopeMibPerMinute(lowsOf(values, spanMs));
    };
    const names = new Set(samples.flatMap(({ kinds }) => [...kinds.keys()]));
    const byKind = [...names].map((name) => [name, slopeOf((kinds) => kinds.get(name) ?? 0)] as const);
    return { all: slopeOf(sum), byKind: new Map(byKind) };
  }
}

/** Returns the number of file descriptors that a process has open. */
export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const sum = (kinds: KindSample['kinds']): number =>
  [...kinds.values()].reduce((all, bytes) => all + bytes, 0);
