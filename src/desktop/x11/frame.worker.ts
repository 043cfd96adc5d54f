// The frame thread: follows one display and writes its pixels into the shared frame.

import { parentPort, workerData } from 'node:worker_threads';
import { createKernels } from '../../pixels/kernels/kernels.ts';
import { DesktopError } from '../errors.ts';
import { Capturer } from './capture.ts';
import { XConnection } from './connection.ts';
import type { ErrorMessage, FrameEvent, FrameRequest, FrameThreadData } from './frame-messages.ts';
import { FramebufferFile } from './framebuffer-file.ts';
import { ImageCapture } from './image-capture.ts';
import type { PixelSource } from './pixel-source.ts';
import { ShmCapture } from './shm-capture.ts';

const port = parentPort!;
const { kernels, frame, display, cookie, framebuffer } = workerData as FrameThreadData;

const tell = (event: FrameEvent): void => port.postMessage(event);

const asMessage = (error: unknown): ErrorMessage =>
  error instanceof DesktopError
    ? { code: error.code, detail: error.detail }
    : { code: 'DESKTOP_LOST', detail: error instanceof Error ? error.message : String(error) };

async function openSource(x: XConnection): Promise<PixelSource> {
  if (framebuffer) return new FramebufferFile(framebuffer, frame);
  return ShmCapture.open(x, frame).catch((error) => {
    if (!x.isOpen) throw error;
    return new ImageCapture(x, frame);
  });
}

async function run(): Promise<void> {
  const x = await XConnection.open({ display, cookie, buffered: true });
  const capturer = await Capturer.open(x, frame, createKernels(kernels, frame), await openSource(x), () =>
    tell({ kind: 'damage' }),
  );
  port.on('message', async (request: FrameRequest) => {
    try {
      switch (request.kind) {
        case 'capture':
          return tell({ kind: 'captured', ...(await capturer.capture(request.commitAtOnce)) });
        case 'commit':
          capturer.commit();
          return tell({ kind: 'committed' });
      }
    } catch (error) {
      tell({ kind: 'failed', error: asMessage(error) });
    }
  });
  void x.ended.then((error) => tell({ kind: 'lost', error: asMessage(error) }));
  tell({ kind: 'ready' });
}

run().catch((error) => tell({ kind: 'lost', error: asMessage(error) }));
