export interface Memory {
  readonly totalBytes: number;
  /** Memory that programs can get without swapping. */
  readonly availableBytes: number;
  /** Memory that nothing uses. */
  readonly freeBytes: number;
  /** Contents of files, which the system gives up when memory is needed. */
  readonly cachedBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}

/** Parses `/proc/meminfo` (proc_meminfo(5)), whose kB are KiB. */
export function parseMemory(meminfo: string): Memory {
  const bytes = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
    return found === undefined ? 0 : Number(found) * 1024;
  };
  return {
    totalBytes: bytes('MemTotal'),
    availableBytes: bytes('MemAvailable'),
    freeBytes: bytes('MemFree'),
    cachedBytes: bytes('Buffers') + bytes('Cached') + bytes('SReclaimable'),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  };
}
