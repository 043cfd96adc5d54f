// Page faults and CPU time of one rect compressed by zstd in a context of its own, as without koffi, by its size:
// malloc as the server sets it, or as glibc does.
// Run: node bench/micro/rect-faults.ts [--glibc]

import { parseArgs } from 'node:util';
import { keepMallocSmall } from '../../src/common/process-memory.ts';
import { compressInNewContext } from '../../src/encode/encoders/zstd.ts';
import { printTable } from './support/table.ts';

const KIB = [16, 64, 128, 200, 400, 1200];
const RECTS = 300;
const LEVELS = [1, 3];
const HEAD = ['rect', 'faults', 'µs user', 'µs system'];

const { values } = parseArgs({ options: { glibc: { type: 'boolean', default: false } } });
if (!values.glibc) keepMallocSmall();

for (const level of LEVELS)
  printTable(
    `A rect compressed by zstd at level ${level}`,
    HEAD,
    KIB.map((kib) => measure(kib, level)),
  );

function measure(kib: number, level: number): string[] {
  const rect = Uint8Array.from({ length: kib * 1024 }, (_, i) => (i % 64 < 20 ? (i * i) >>> 7 : 0));
  for (let i = 0; i < RECTS / 3; i++) compressInNewContext(rect, level);
  const before = process.resourceUsage();
  for (let i = 0; i < RECTS; i++) compressInNewContext(rect, level);
  const after = process.resourceUsage();
  const perRect = (key: keyof NodeJS.ResourceUsage): number => (after[key] - before[key]) / RECTS;
  return [
    `${kib} KiB`,
    perRect('minorPageFault').toFixed(1),
    perRect('userCPUTime').toFixed(0),
    perRect('systemCPUTime').toFixed(0),
  ];
}
