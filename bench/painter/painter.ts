import { setTimeout as sleep } from 'node:timers/promises';
import type { Rect } from '../../src/pixels/rect.ts';
import { monotonicMs } from '../clock.ts';
import { FRAME_NUMBERS } from '../frame-number.ts';
import { serveParent } from '../ipc.ts';
import type { Workload } from '../workloads.ts';
import { type Animation, createAnimation } from './animation.ts';
import { Canvas } from './canvas.ts';

/** What a painter process does for its parent. */
export interface PainterCalls {
  /** Connects to an X display and covers it with a window. */
  open(display: string): Promise<void>;
  /** Starts to paint; resolves when the first frame is about to be. */
  start(workload: Workload): Promise<void>;
  /** Stops, leaving the last frame; resolves with when each was painted, monotonic milliseconds by frame number. */
  stop(): Promise<[number, number][]>;
  /** What the frames of these numbers had in each of `places`, a word a pixel. Only of whole-screen pictures, between `stop` and `clear`. */
  readFrames(numbers: readonly number[], places: readonly Rect[]): Promise<Uint32Array[][]>;
  /** Takes the last frame off the screen. */
  clear(): Promise<void>;
}

/** Longer than this behind its time, a frame is left out, as a video player would. */
const SKIP_AFTER_FRAMES = 1;

let canvas: Canvas;
let animation: Animation | undefined;
let running = false;
let loop: Promise<void> = Promise.resolve();
const painted: [number, number][] = [];

/** Numbers run on from one workload to the next, so that a number of the last one is never taken for one of this. */
let number = 1;

/**
 * A frame's time is taken just before the request to show it is sent: latency counts from the application's
 * paint, and what the X server does with the request is part of it.
 */
async function paint(subject: Animation, fps: number): Promise<void> {
  const intervalMs = 1000 / fps;
  let dueMs = monotonicMs();
  while (running) {
    subject.prepare(number);
    await sleep(Math.max(0, dueMs - monotonicMs()));
    painted.push([number, monotonicMs()]);
    subject.show();
    await canvas.settled();
    number = (number + 1) % FRAME_NUMBERS;
    dueMs += intervalMs;
    while (monotonicMs() - dueMs > SKIP_AFTER_FRAMES * intervalMs) dueMs += intervalMs;
  }
}

serveParent<PainterCalls>({
  async open(display) {
    canvas = await Canvas.open(display);
  },
  async start(workload) {
    painted.length = 0;
    animation = await createAnimation(canvas, workload.picture);
    if (!animation) return;
    running = true;
    loop = paint(animation, workload.fps);
  },
  async stop() {
    running = false;
    await loop;
    return painted;
  },
  async readFrames(numbers, places) {
    return numbers.map((of) => places.map((place) => animation!.pixelsOf!(of, place)));
  },
  async clear() {
    await animation?.close();
    await canvas.clear();
    animation = undefined;
  },
});
