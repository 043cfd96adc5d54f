// The frame thread: follows one display and writes its pixels into the shared frame.

import { parentPort, workerData } from 'node:worker_threads';
import { createKernels, type Kernels } from '../../../pixels/kernels/kernels.ts';
import { DesktopError } from '../../errors.ts';
import { XConnection } from '../wire/connection.ts';
import { CaptureTrigger } from './capture-trigger.ts';
import { Capturer } from './capturer.ts';
import { CopiedSource } from './copied-source.ts';
import type { ErrorMessage, FrameEvent, FrameRequest, FrameThreadData } from './frame-messages.ts';
import type { FrameSource, OnTop } from './frame-source.ts';
import { FramebufferFile } from './framebuffer-file.ts';
import { ImageCapture } from './image-capture.ts';
import { startScanHelpers } from './scan-helpers.ts';
import { createScanWords, Scanner } from './scanner.ts';
import { ShmCapture } from './shm-capture.ts';
import { StillSource } from './still-source.ts';

const port = parentPort!;
const {
  kernels,
  frame,
  display,
  cookie,
  trigger: triggerMemory,
  framebuffer,
} = workerData as FrameThreadData;

const tell = (event: FrameEvent): void => port.postMessage(event);

const tellTop: OnTop = (size, tileRows) => tell({ kind: 'top', size, tileRows });

const asMessage = (error: unknown): ErrorMessage =>
  error instanceof DesktopError
    ? { code: error.code, detail: error.detail }
    : { code: 'DESKTOP_LOST', detail: error instanceof Error ? error.message : String(error) };

async function openSource(x: XConnection, frameKernels: Kernels): Promise<FrameSource> {
  if (framebuffer) return openStillSource(x, frameKernels, framebuffer);
  const pixels = await ShmCapture.open(x, frame).catch((error) => {
    if (!x.isOpen) throw error;
    return new ImageCapture(x, frame);
  });
  return new CopiedSource(frame, frameKernels, pixels);
}

function openStillSource(x: XConnection, frameKernels: Kernels, path: string): FrameSource {
  const file = new FramebufferFile(path, frame);
  const words = createScanWords();
  startScanHelpers({ words, kernels, frame, framebuffer: path });
  return new StillSource(x, new Scanner(words, frame, frameKernels, file), file);
}

let source: FrameSource | undefined;
port.on('message', (request: FrameRequest) => {
  if (request.kind !== 'close') return;
  // Node closes no file of this thread by itself: see FrameThread.
  source?.close();
  process.exit();
});

async function run(): Promise<void> {
  const x = await XConnection.open({ display, cookie, buffered: true });
  const frameKernels = createKernels(kernels, frame);
  source = await openSource(x, frameKernels);
  const trigger = new CaptureTrigger(triggerMemory);
  const carryOut = async (request: FrameRequest): Promise<void> => {
    try {
      switch (request.kind) {
        case 'capture':
          return tell({ kind: 'captured', ...(await capturer.capture(request.commitAtOnce, tellTop)) });
        case 'commit':
          capturer.commit();
          return tell({ kind: 'committed' });
      }
    } catch (error) {
      tell({ kind: 'failed', error: asMessage(error) });
    }
  };
  const capturer = await Capturer.open(x, frame, frameKernels, source, () => {
    if (trigger.take()) void carryOut({ kind: 'capture', commitAtOnce: true });
    else tell({ kind: 'damage' });
  });
  port.on('message', carryOut);
  void x.ended.then((error) => tell({ kind: 'lost', error: asMessage(error) }));
  tell({ kind: 'ready' });
}

run().catch((error) => tell({ kind: 'lost', error: asMessage(error) }));
