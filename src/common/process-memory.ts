import { fstatSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CFunction, loadCLibrary, type Pointer } from './c-library.ts';

/** Parameters of mallopt(3). */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/**
 * Bytes from which malloc maps a block by itself, and unmaps it when it is freed. By default glibc raises this up to 32
 * MiB when such a block is freed; later ones then come from its heaps, which seldom shrink. A larger value keeps more
 * after a film. A smaller one maps the memory of zstd anew for each rect, with a fault for each page that zstd uses:
 * with 256 KiB, rects of 200 KiB have 86 faults each, and take twice the CPU time: bench/micro/rect-faults.ts. With 2
 * MiB, rects of 1.2 MiB have them at level 3 of zstd.
 */
const MMAP_FROM_BYTES = 4 * 1024 * 1024;

/**
 * Free bytes at the end of a heap of malloc from which they go back to the system. As with MMAP_FROM_BYTES; each thread
 * keeps up to so many. `giveBackMemory` gives them back at rest.
 */
const TRIM_FROM_BYTES = 4 * 1024 * 1024;

/** For madvise(2): the pages are no longer needed, and are zero when they are read again. */
const MADV_DONTNEED = 4;

/** Modes of fallocate(2): gives the pages back, and leaves the length of the file as it is. */
const FALLOC_FL_PUNCH_HOLE_KEEP_SIZE = 3;

/** Flags of memfd_create(2). The last one is known since Linux 6.3. */
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_NOEXEC_SEAL = 8;

/** Command of fcntl(2), and its seals: no further seal, no shorter file, no longer file. */
const F_ADD_SEALS = 1033;
const LENGTH_SEALS = 1 | 2 | 4;

/** For mmap(2), and what it returns on failure. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 16;
const MAP_ANONYMOUS = 32;
const MAP_FAILED = 2n ** 64n - 1n;

/** Every page size of Linux divides this. */
const PAGE_BYTES = 65_536;

/** The smallest page, which a hole in a file must hold to free memory. */
export const LEAST_PAGE_BYTES = 4096;

/** Bytes in a file. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

/**
 * The same two bounds while the process computes many hashes: more than the 19 MiB of one, and no more than glibc takes.
 * Each thread that hashes keeps the memory of one hash. Below, it is mapped anew for each: 4,864 faults, which take 9 ms
 * beside the 25 ms of the hash, and interrupt the other cores.
 */
const KEPT_BLOCK_BYTES = 32 * 1024 * 1024;

let isSmall = false;

/** Has malloc give memory back that it would keep. Called once, before other threads start. */
export function keepMallocSmall(): void {
  isSmall = true;
  boundMalloc(MMAP_FROM_BYTES, TRIM_FROM_BYTES);
}

/** Has malloc keep freed blocks of up to KEPT_BLOCK_BYTES for the next of the same thread, until the result is called. */
export function keepBlocks(): () => void {
  // Otherwise glibc does so by itself.
  if (!isSmall) return () => undefined;
  boundMalloc(KEPT_BLOCK_BYTES, KEPT_BLOCK_BYTES);
  return () => boundMalloc(MMAP_FROM_BYTES, TRIM_FROM_BYTES);
}

function boundMalloc(mmapFromBytes: number, trimFromBytes: number): void {
  const mallopt = find('int mallopt(int param, int value)');
  mallopt?.(M_MMAP_THRESHOLD, mmapFromBytes);
  mallopt?.(M_TRIM_THRESHOLD, trimFromBytes);
}

const MALLOC_TRIM = 'int malloc_trim(size_t pad)';

/**
 * Milliseconds between two trims of malloc while the server never rests. A larger value keeps more of what viewers that
 * come and go leave behind as holes; a smaller one takes more time of a thread.
 */
export const TRIM_INTERVAL_MS = 60_000;

/**
 * Has malloc give its free pages back each minute. Otherwise a server that always has viewers keeps all pages that were
 * ever in use between two small blocks. Another thread does it.
 */
export function trimMallocAtIntervals(): void {
  setInterval(() => find(MALLOC_TRIM)?.async(0, () => undefined), TRIM_INTERVAL_MS).unref();
}

/** V8's garbage collection of this thread. */
type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

let collect: Collect | undefined;

/**
 * Bytes by which the process must have grown since its heap was collected, before it is again. A smaller value takes
 * the thread 25-100 ms after each call of a script that makes one now and then; a larger one keeps more memory.
 */
const GROWN_BYTES = 16 * 1024 * 1024;

/** Fewest resident bytes since this thread's heap was collected, after memory was given back. */
let leftBytes = 0;

/**
 * Gives memory back to the system that malloc and this thread's heap hold without need. malloc's free pages take about
 * 1 ms. The heap, which V8 compacts while it drops code that has not run lately, takes 25-100 ms, for a moment in which
 * nothing waits. Leaves the heap as it is, and returns false, if the process has hardly grown since the last time.
 */
export function giveBackMemory(): boolean {
  const hasGrown = process.memoryUsage.rss() >= leftBytes + GROWN_BYTES;
  if (hasGrown) {
    collect ??= findCollector();
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }
  find(MALLOC_TRIM)?.(0);
  const rss = process.memoryUsage.rss();
  leftBytes = hasGrown ? rss : Math.min(leftBytes, rss);
  return hasGrown;
}

/** Gives back the pages that lie in `bytes` as a whole. They read as zero afterwards. */
export function dropPages(bytes: Uint8Array): void {
  const from = Math.ceil(bytes.byteOffset / PAGE_BYTES) * PAGE_BYTES;
  const end = Math.floor((bytes.byteOffset + bytes.length) / PAGE_BYTES) * PAGE_BYTES;
  if (end <= from) return;
  const whole = new Uint8Array(bytes.buffer, from, end - from);
  find('int madvise(uint8_t *addr, size_t length, int advice)')?.(whole, whole.length, MADV_DONTNEED);
}

/** Gives back the pages that lie in the spans of a file in memory as a whole. All bytes of the spans become zero. */
export function punchHoles(fd: number, spans: readonly Span[]): void {
  const fallocate = find('int fallocate(int fd, int mode, int64_t offset, int64_t length)');
  for (const { at, length } of spans) {
    if (length >= LEAST_PAGE_BYTES) fallocate?.(fd, FALLOC_FL_PUNCH_HOLE_KEEP_SIZE, at, length);
  }
}

/**
 * Makes an empty file in memory that has no name, and whose length can be sealed. Returns its descriptor, which the
 * caller closes; undefined if that is not possible.
 */
export function createMemoryFile(name: string): number | undefined {
  const memfd = find('int memfd_create(const char *name, unsigned int flags)');
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  // Some systems allow only files that cannot be executed; older ones do not know the flag for that.
  for (const flag of [MFD_NOEXEC_SEAL, 0]) {
    const fd = memfd?.(name, flags | flag) ?? -1;
    if (fd >= 0) return fd;
  }
  return undefined;
}

/** Fixes the length of a file in memory for good, for all who have it open. Returns whether that worked. */
export const sealLength = (fd: number): boolean =>
  find('int fcntl(int fd, int command, int argument)')?.(fd, F_ADD_SEALS, LENGTH_SEALS) === 0;

/** A file as memory. */
export interface MappedFile {
  /** Other threads can be sent these bytes, and need no koffi to read them. Writing to them would end the process. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Ends the mapping, for all threads. The bytes are zero afterwards. */
  unmap(): void;
}

/**
 * Maps a file into memory, to be read. Undefined if that is not possible. The file must not become shorter: reading
 * behind its end would end the process.
 *
 * The file is mapped over the pages of a WebAssembly.Memory. That is the shared memory whose pages V8 takes from the
 * system and gives back by themselves.
 */
export function mapFile(fd: number): MappedFile | undefined {
  const mmap = find('void *mmap(uint8_t *addr, size_t length, int prot, int flags, int fd, int64_t offset)');
  const { size } = fstatSync(fd);
  const room = mmap && createPages(size);
  if (!room) return undefined;
  const map = (bytes: Uint8Array, protection: number, flags: number, file: number): boolean => {
    const at = mmap(bytes, bytes.length, protection, MAP_FIXED | flags, file, 0) as unknown as Pointer;
    return at !== MAP_FAILED;
  };
  const bytes = room.subarray(0, size);
  if (!map(bytes, PROT_READ, MAP_SHARED, fd)) return undefined;
  return {
    bytes,
    unmap: () => void map(room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1),
  };
}

/** Reserves whole pages for that many bytes. Undefined if there is no address space for them. */
function createPages(bytes: number): Uint8Array<SharedArrayBuffer> | undefined {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return new Uint8Array(buffer as unknown as SharedArrayBuffer);
  } catch {
    return undefined;
  }
}

function findCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return gc;
}

const functions = new Map<string, CFunction | undefined>();

/** Returns undefined if koffi is not installed, or the C library has no such function. */
function find(declaration: string): CFunction | undefined {
  if (!functions.has(declaration)) {
    try {
      functions.set(declaration, loadCLibrary().func(declaration));
    } catch {
      functions.set(declaration, undefined);
    }
  }
  return functions.get(declaration);
}
