// A helper of the frame thread: scans rows of tiles with it while there are many, and sleeps otherwise. Ends when it is
// dismissed.

import { workerData } from 'node:worker_threads';
import { createKernels } from '../../../pixels/kernels/kernels.ts';
import { FramebufferFile } from './framebuffer-file.ts';
import type { ScanHelperData } from './scan-helpers.ts';
import { Scanner } from './scanner.ts';

const { memory, kernels, frame, framebuffer, lane } = workerData as ScanHelperData;
const file = new FramebufferFile(framebuffer, frame);
new Scanner(memory, frame, createKernels(kernels, frame, lane), file).help();
file.close();
