/** Counters of a disk since the start of the machine. */
export interface DiskCounters {
  readonly device: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
  /** Time with at least one request in progress. */
  readonly busyMs: number;
}

/** Bytes of the kernel's sectors, whatever the size of the disk's own sectors. */
const SECTOR_BYTES = 512;

/**
 * Parses the whole disks of `/proc/diskstats` (the kernel's admin-guide/iostats). `isDisk` tells disks from partitions,
 * whose traffic is part of their disk's. Leaves out disks without any traffic.
 */
export function parseDiskCounters(diskstats: string, isDisk: (device: string) => boolean): DiskCounters[] {
  const disks: DiskCounters[] = [];
  for (const line of diskstats.split('\n')) {
    const [, , device = '', ...numbers] = line.trim().split(/\s+/);
    const [reads = 0, , sectorsRead = 0, , writes = 0, , sectorsWritten = 0, , , busyMs = 0] =
      numbers.map(Number);
    if (!isDisk(device) || reads + writes === 0) continue;
    disks.push({
      device,
      reads,
      readBytes: sectorsRead * SECTOR_BYTES,
      writes,
      writtenBytes: sectorsWritten * SECTOR_BYTES,
      busyMs,
    });
  }
  return disks;
}
