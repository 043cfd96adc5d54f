// The frame thread: follows one display and writes its pixels into the shared frame.

import { parentPort, workerData } from 'node:worker_threads';
import { createKernels, type Kernels } from '../../../pixels/kernels/kernels.ts';
import { DesktopError } from '../../errors.ts';
import { XConnection } from '../wire/connection.ts';
import { LeanConnection } from '../wire/lean-connection.ts';
import { MOST_PACKET_BYTES } from '../wire/packet-input.ts';
import { CaptureAnswer } from './capture-answer.ts';
import { CaptureTrigger } from './capture-trigger.ts';
import { Capturer, type CapturerOptions } from './capturer.ts';
import { CopiedSource } from './copied-source.ts';
import type { ErrorMessage, FrameEvent, FrameRequest, FrameThreadData } from './frame-messages.ts';
import type { FrameSource } from './frame-source.ts';
import { FramebufferFile } from './framebuffer-file.ts';
import { GrabbedSource } from './grabbed-source.ts';
import { ImageCapture } from './image-capture.ts';
import { ScanHelpers } from './scan-helpers.ts';
import { createScanMemory, Scanner } from './scanner.ts';
import { ShmCapture } from './shm-capture.ts';
import { UnfinishedDrawing } from './unfinished-drawing.ts';

const port = parentPort!;
const {
  kernels,
  frame,
  display,
  cookie,
  trigger: triggerMemory,
  answer: answerMemory,
  framebuffer,
} = workerData as FrameThreadData;

const tell = (event: FrameEvent): void => port.postMessage(event);

const asMessage = (error: unknown): ErrorMessage =>
  error instanceof DesktopError
    ? { code: error.code, detail: error.detail }
    : { code: 'DESKTOP_LOST', detail: error instanceof Error ? error.message : String(error) };

async function openSource(lean: LeanConnection, frameKernels: Kernels): Promise<FrameSource> {
  if (framebuffer) return openGrabbedSource(lean, frameKernels, framebuffer);
  // A reply may have the whole picture.
  const mostPacketBytes = MOST_PACKET_BYTES + frame.shownAt - frame.incomingAt;
  const x = await XConnection.open({ display, cookie, buffered: true, mostPacketBytes });
  void x.ended.then((error) => tell({ kind: 'lost', error: asMessage(error) }));
  const pixels = await ShmCapture.open(x, frame).catch((error) => {
    if (!x.isOpen) throw error;
    return new ImageCapture(x, frame);
  });
  return new CopiedSource(frame, frameKernels, pixels);
}

function openGrabbedSource(x: LeanConnection, frameKernels: Kernels, path: string): FrameSource {
  const file = FramebufferFile.map(path, frame);
  const memory = createScanMemory();
  const helpers = new ScanHelpers({ memory, kernels, frame, framebuffer: file.place });
  return new GrabbedSource(x, new Scanner(memory, frame, frameKernels, file), helpers, file);
}

const answer = new CaptureAnswer(answerMemory);
let source: FrameSource | undefined;
let capturer: Capturer | undefined;
const trigger = new CaptureTrigger(triggerMemory);
const drawing = new UnfinishedDrawing();
/** Set while damage waits for the rest of what a program draws. */
let waiting: NodeJS.Timeout | undefined;

/** Returns whether damage was waiting. */
function endWait(): boolean {
  const wasWaiting = waiting !== undefined;
  clearTimeout(waiting);
  waiting = undefined;
  return wasWaiting;
}

/** Captures damage if a capture is armed, or else reports it. */
function takeDamage(): void {
  endWait();
  const armed = trigger.take();
  if (armed === undefined) tell({ kind: 'damage' });
  else void capture(armed, { commitAtOnce: true });
}

async function capture(id: number, options: CapturerOptions): Promise<void> {
  // This capture takes the damage that waits.
  endWait();
  drawing.captureBegins();
  try {
    let hasTop = false;
    const result = await capturer!.capture(options, (size, tileRows) => {
      hasTop = true;
      tell({ kind: 'top', id, size, tileRows });
    });
    drawing.captureEnded(performance.now());
    // A message keeps its place behind that of the top.
    if (hasTop || result.moved.length > 0) tell({ kind: 'captured', id, result });
    else answer.give(id, result);
  } catch (error) {
    tell({ kind: 'failed', id, error: asMessage(error) });
    // No later capture can succeed either. Another thread starts with new helpers.
    if (error instanceof DesktopError && error.code === 'DESKTOP_LOST')
      tell({ kind: 'lost', error: asMessage(error) });
  }
}

async function look(id: number): Promise<void> {
  try {
    await capturer!.untilDamageReported();
    // Who asks wants to know now.
    if (endWait()) takeDamage();
    tell({ kind: 'looked', id });
  } catch (error) {
    tell({ kind: 'failed', id, error: asMessage(error) });
  }
}

port.on('message', (request: FrameRequest) => {
  switch (request.kind) {
    case 'capture':
      return void capture(request.id, request);
    case 'commit':
      capturer!.commit(request.size);
      return tell({ kind: 'committed', id: request.id });
    case 'look':
      return void look(request.id);
    case 'ping':
      return tell({ kind: 'pong' });
    case 'close':
      return void end();
  }
});

async function end(): Promise<void> {
  // Node does not close the files of this thread: see FrameThread.
  await source?.close();
  process.exit();
}

async function run(): Promise<void> {
  const x = await LeanConnection.open({ display, cookie });
  const frameKernels = createKernels(kernels, frame);
  source = await openSource(x, frameKernels);
  capturer = await Capturer.open(x, frame, frameKernels, source, () => {
    const waitMs = drawing.damaged(performance.now());
    if (waitMs === 0) takeDamage();
    else waiting = setTimeout(takeDamage, waitMs);
  });
  void x.ended.then((error) => tell({ kind: 'lost', error: asMessage(error) }));
  tell({ kind: 'ready' });
}

run().catch((error) => tell({ kind: 'lost', error: asMessage(error) }));
