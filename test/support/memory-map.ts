import { readProc } from './process-tree.ts';

/** One mapping of a process's address space: proc_pid_smaps(5). Sizes are in KiB. */
interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly permissions: string;
  readonly name: string;
  readonly pss: number;
  readonly rss: number;
}

/** Kinds of memory, by what the mappings tell. */
export type MemoryKind =
  | 'V8 heaps'
  | 'code'
  | 'malloc'
  | 'WebAssembly'
  | 'stacks'
  | 'other anonymous'
  | 'node, mapped'
  | 'libraries, mapped'
  | 'framebuffer'
  | 'shared with programs';

export interface KindUse {
  readonly pss: number;
  readonly rss: number;
}

/** V8 reserves heap pages at multiples of their size, at random addresses below those of mmap. */
const HEAP_PAGE_BYTES = 256 * 1024;
const MMAP_FROM = 0x7000_0000_0000;

/** glibc reserves an arena of this size, at a multiple of it. */
const ARENA_BYTES = 64 << 20;

/** V8 reserves this much and more around each WebAssembly memory, to find accesses beyond its end. */
const GUARD_BYTES = 2 ** 30;

const STACK_GUARD_BYTES = 16 * 1024;
const STACK_BYTES = [4 << 20, 8 << 20];

/** Returns the memory of one process by kind, in KiB. */
export function memoryByKind(pid: number): Map<MemoryKind, KindUse> {
  const mappings = parseSmaps(readProc(pid, 'smaps') ?? '');
  const kinds = new Map<MemoryKind, KindUse>();
  mappings.forEach((mapping, i) => {
    if (mapping.rss === 0) return;
    const kind = kindOf(mapping, mappings[i - 1], mappings[i + 1]);
    const sum = kinds.get(kind) ?? { pss: 0, rss: 0 };
    kinds.set(kind, { pss: sum.pss + mapping.pss, rss: sum.rss + mapping.rss });
  });
  return kinds;
}

function parseSmaps(text: string): Mapping[] {
  const mappings: { -readonly [K in keyof Mapping]: Mapping[K] }[] = [];
  for (const line of text.split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line);
    if (head) {
      const [, start, end, permissions, name] = head as unknown as [string, string, string, string, string];
      const place = { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) };
      mappings.push({ ...place, permissions, name, pss: 0, rss: 0 });
      continue;
    }
    const size = /^(Pss|Rss):\s+(\d+) kB/.exec(line);
    if (size) mappings.at(-1)![size[1] === 'Pss' ? 'pss' : 'rss'] = Number(size[2]);
  }
  return mappings;
}

function kindOf(mapping: Mapping, before: Mapping | undefined, after: Mapping | undefined): MemoryKind {
  const { start, end, permissions, name } = mapping;
  if (name.endsWith('/Xvfb_screen0')) return 'framebuffer';
  if (/^\/(SYSV|memfd:|dev\/)/.test(name)) return 'shared with programs';
  if (/\/node$/.test(name)) return 'node, mapped';
  if (name.startsWith('/')) return 'libraries, mapped';
  if (name === '[heap]') return 'malloc';
  if (name.startsWith('[stack')) return 'stacks';
  if (name !== '') return 'other anonymous';
  if (permissions.includes('x')) return 'code';
  if (start < MMAP_FROM) return start % HEAP_PAGE_BYTES === 0 ? 'V8 heaps' : 'other anonymous';
  const isGuarded = after?.start === end && after.permissions.startsWith('---');
  if (isGuarded && after.end - after.start >= GUARD_BYTES) return 'WebAssembly';
  if (start % ARENA_BYTES === 0 && (end % ARENA_BYTES === 0 || isGuarded)) return 'malloc';
  const hasStackGuard =
    before?.end === start &&
    before.permissions.startsWith('---') &&
    before.end - before.start <= STACK_GUARD_BYTES;
  if (hasStackGuard && STACK_BYTES.some((bytes) => Math.abs(end - start - bytes) <= STACK_GUARD_BYTES))
    return 'stacks';
  return 'other anonymous';
}
