/** What a disk has done since start. */
export interface DiskCounters {
  readonly device: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
  /** Time in which at least one request was under way. */
  readonly busyMs: number;
}

/** The kernel counts in these, whatever the disk's own sectors are. */
const SECTOR_BYTES = 512;

/**
 * The whole disks of `/proc/diskstats` (the kernel's admin-guide/iostats). `isDisk` tells them from their partitions,
 * whose traffic is in the disk's already. A disk that never did anything is left out.
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
