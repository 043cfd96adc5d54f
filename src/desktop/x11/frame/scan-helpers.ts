import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import type { ScanWords } from './scanner.ts';

/** What a helper thread is started with. */
export interface ScanHelperData {
  readonly words: ScanWords;
  readonly kernels: WebAssembly.Module;
  readonly frame: SharedFrame;
  readonly framebuffer: string;
  /** Its lane in the kernels' scratch; the frame thread has lane 0. */
  readonly lane: number;
}

/** More threads than this read no faster: memory is the limit, not the cores. */
const MOST_HELPERS = 2;

const WORKER = new URL(`./scan.worker${extname(import.meta.url)}`, import.meta.url);

/** Starts a helper for each core but this one. They end with the thread that starts them. */
export function startScanHelpers(data: Omit<ScanHelperData, 'lane'>): void {
  const count = Math.min(availableParallelism() - 1, MOST_HELPERS);
  for (let lane = 1; lane <= count; lane++) {
    const worker = new Worker(WORKER, { workerData: { ...data, lane }, name: 'scan' });
    // Without its helpers a scan is slower, and right all the same.
    worker.on('error', () => undefined);
    worker.unref();
  }
}
