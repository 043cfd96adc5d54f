import { setTimeout as sleep } from 'node:timers/promises';
import type { Rect } from '../../src/pixels/rect.ts';
import { monotonicMs } from '../clock.ts';
import { FRAME_NUMBERS } from '../frame-number.ts';
import { serveParent } from '../ipc.ts';
import type { Workload } from '../workloads.ts';
import { type Animation, createAnimation } from './animation.ts';
import { Canvas } from './canvas.ts';
import { createKeyAnimation } from './key-animation.ts';
import { createRandom } from './random.ts';

/** Calls that a painter process answers. */
export interface PainterCalls {
  /** Connects to an X display and covers it with a window. */
  open(display: string): Promise<void>;
  /**
   * Starts to paint. Resolves just before the first frame. `seed` decides what a picture that is drawn from one
   * looks like; others do not use it. `isOffBeat`: each frame is late by a random time, so that paintings are not in
   * step with the frames of a browser's display, by which the latency would be that of one phase.
   */
  start(workload: Workload, seed?: number, isOffBeat?: boolean): Promise<void>;
  /** Takes the keyboard, and paints a frame of the small change for each key that is pressed. */
  startKeys(seed: number): Promise<void>;
  /**
   * Stops and leaves the last frame on the screen. Resolves with the time of each frame by its number, in monotonic
   * ms.
   */
  stop(): Promise<[number, number][]>;
  /**
   * Returns what the frames of these numbers had in each of `places`, one word per pixel. Only for whole-screen
   * pictures, between `stop` and `clear`.
   */
  readFrames(numbers: readonly number[], places: readonly Rect[]): Promise<Uint32Array[][]>;
  /** Removes the last frame from the screen. */
  clear(): Promise<void>;
}

/** Delay, in frames, after which a frame is left out, as a video player would do. */
const SKIP_AFTER_FRAMES = 1;

/** Most that a frame is late off beat, in ms: the time between two frames of a display at 60 Hz. */
const OFF_BEAT_MS = 1000 / 60;

/** Keys that are answered in a second. The bench presses fewer, so that none waits for the one before. */
const MOST_KEYS_PER_SECOND = 60;

let canvas: Canvas;
let animation: Animation | undefined;
let running = false;
let loop: Promise<void> = Promise.resolve();
const painted: [number, number][] = [];

/**
 * Next frame number. It continues across workloads, so that no number of the last workload is taken for one of
 * this. It starts again between two workloads, long before `FRAME_NUMBERS` are used up.
 */
let number = 1;

/**
 * Paints frames until stopped. A frame's time is taken just before the request to show it is sent. Latency
 * therefore counts from the application's paint, and includes the X server's work on the request.
 */
async function paint(subject: Animation, fps: number, lateMs: () => number): Promise<void> {
  const intervalMs = 1000 / fps;
  let dueMs = monotonicMs();
  while (running) {
    subject.prepare(number);
    await sleep(Math.max(0, dueMs + lateMs() - monotonicMs()));
    if (subject.due && !(await subject.due())) continue;
    painted.push([number, monotonicMs()]);
    subject.show();
    await canvas.settled();
    number = (number + 1) % FRAME_NUMBERS;
    dueMs += intervalMs;
    while (monotonicMs() - dueMs > SKIP_AFTER_FRAMES * intervalMs) dueMs += intervalMs;
  }
}

async function begin(subject: Animation | undefined, fps: number, lateMs = () => 0): Promise<void> {
  painted.length = 0;
  if (number > FRAME_NUMBERS / 2) number = 1;
  animation = subject;
  if (!subject) return;
  running = true;
  loop = paint(subject, fps, lateMs);
}

// A program that was started for a workload ends with this process, by its handler of "exit".
process.once('SIGTERM', () => process.exit());

serveParent<PainterCalls>({
  async open(display) {
    canvas = await Canvas.open(display);
  },
  async start(workload, seed = 0, isOffBeat = false) {
    const random = createRandom(seed);
    const lateMs = isOffBeat ? () => random() * OFF_BEAT_MS : undefined;
    await begin(await createAnimation(canvas, workload, seed), workload.fps, lateMs);
  },
  async startKeys(seed) {
    await begin(await createKeyAnimation(canvas, seed), MOST_KEYS_PER_SECOND);
  },
  async stop() {
    running = false;
    animation?.rest?.();
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
