import { setTimeout as sleep } from 'node:timers/promises';
import type { Damage, XTest } from 'x11';
import { monotonicMs } from '../clock.ts';
import { markerHeight, markerWidth } from '../frame-number.ts';
import type { ProgramScene } from '../scenes/program-scenes.ts';
import type { Animation } from './animation.ts';
import type { Canvas, CanvasWindow, SharedPicture } from './canvas.ts';
import { createPicture } from './picture.ts';
import { type Launched, launch } from './programs/launch.ts';
import { drawStamp } from './staged-animation.ts';
import { replyTo } from './x11-client.ts';

/** Longest wait for a program's window, in ms. LibreOffice takes half a minute on a busy machine. */
const WINDOW_LIMIT_MS = 90_000;
/** A program has started when it has painted nothing for so long, in ms. One that prints never stops painting. */
const QUIET_MS = 1500;
const QUIET_LIMIT_MS = { xterm: 2000, chromium: 15_000, calc: 15_000 };
/** Time between looks for a window, in ms. */
const LOOK_MS = 100;
/** Longest wait for a program to paint, in ms, after which the painter looks whether it should stop. */
const PAINT_WAIT_MS = 100;
/** Report level of the DAMAGE extension: one event until the damage is taken. */
const NON_EMPTY = 3;
const [BUTTON_PRESS, BUTTON_RELEASE, MOTION] = [4, 5, 6];
const [WHEEL_UP, WHEEL_DOWN] = [4, 5];

/** Starts a program, gives it the whole screen and waits until it has painted itself. */
export async function createProgramAnimation(canvas: Canvas, scene: ProgramScene): Promise<Animation> {
  const { client } = canvas.display;
  const damage = await replyTo<Damage>((done) => client.require('damage', done));
  const xtest = await replyTo<XTest>((done) => client.require('xtest', done));
  const program = launch(scene, canvas.displayName, canvas.size);
  try {
    const watch = await Promise.race([
      program.ended,
      watchWindow(canvas, damage, QUIET_LIMIT_MS[scene.program]),
    ]);
    const marker = scene.markerGroups[0]![0]!;
    const stamp = await canvas.share(createPicture(markerWidth(marker), markerHeight(marker)));
    return new ProgramAnimation(canvas, scene, program, watch, xtest, stamp);
  } catch (error) {
    await program.close();
    throw error;
  }
}

async function watchWindow(canvas: Canvas, damage: Damage, quietLimitMs: number): Promise<DamageWatch> {
  const untilMs = monotonicMs() + WINDOW_LIMIT_MS;
  let window = await canvas.largestOtherWindow();
  while (window === undefined) {
    if (monotonicMs() > untilMs) throw new Error('The program opened no window.');
    await sleep(LOOK_MS);
    window = await canvas.largestOtherWindow();
  }
  const { width, height } = canvas.size;
  canvas.display.client.ConfigureWindow(window, { x: 0, y: 0, width, height });
  const watch = new DamageWatch(canvas, damage, window);
  await watch.quiet(quietLimitMs);
  return watch;
}

/** Tells when a window was painted. */
class DamageWatch {
  readonly #canvas: Canvas;
  readonly #damage: Damage;
  readonly #id: number;
  readonly #onEvent = ({ type }: { type: number }): void => {
    if (type !== this.#damage.firstEvent) return;
    this.#isDamaged = true;
    this.#wake?.();
  };
  #isDamaged = false;
  #wake: (() => void) | undefined;

  constructor(canvas: Canvas, damage: Damage, window: number) {
    const { client } = canvas.display;
    this.#canvas = canvas;
    this.#damage = damage;
    this.#id = client.AllocID();
    client.on('event', this.#onEvent);
    damage.Create(this.#id, window, NON_EMPTY);
  }

  /** Resolves when the window was painted since the last call, with true, or after `limitMs`, with false. */
  async painted(limitMs: number): Promise<boolean> {
    if (!this.#isDamaged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    if (!this.#isDamaged) return false;
    this.#isDamaged = false;
    this.#damage.Subtract(this.#id, 0, 0);
    return true;
  }

  /** Resolves when the window has not been painted for a while, or when that takes too long. */
  async quiet(limitMs: number): Promise<void> {
    const untilMs = monotonicMs() + limitMs;
    while (monotonicMs() < untilMs && (await this.painted(QUIET_MS))) await sleep(LOOK_MS);
    await this.#canvas.settled();
  }

  close(): void {
    this.#canvas.display.client.off('event', this.#onEvent);
  }
}

/**
 * Turns the wheel over a program, and paints the next frame number into windows above it each time that the program
 * has painted. The number therefore arrives with or after what the program painted before it.
 */
class ProgramAnimation implements Animation {
  readonly #canvas: Canvas;
  readonly #scene: ProgramScene;
  readonly #program: Launched;
  readonly #watch: DamageWatch;
  readonly #stamp: SharedPicture;
  readonly #numbers: readonly CanvasWindow[];
  readonly #wheel: NodeJS.Timeout | undefined;
  #notch = 0;

  constructor(
    canvas: Canvas,
    scene: ProgramScene,
    program: Launched,
    watch: DamageWatch,
    xtest: XTest,
    stamp: SharedPicture,
  ) {
    this.#canvas = canvas;
    this.#scene = scene;
    this.#program = program;
    this.#watch = watch;
    this.#stamp = stamp;
    this.#numbers = scene.markerGroups[0]!.map(({ x, y }) =>
      canvas.openTop({ ...stamp.picture, x, y }, stamp),
    );
    if (scene.program === 'xterm') return;
    const { width, height } = canvas.size;
    xtest.FakeInput(MOTION, 0, 0, 0, Math.floor(width / 2), Math.floor(height / 2));
    this.#wheel = setInterval(() => this.#turn(xtest), 1000 / scene.notchesPerSecond);
  }

  #turn(xtest: XTest): void {
    const isDown = Math.floor(this.#notch / this.#scene.notches) % 2 === 0;
    this.#notch++;
    const button = isDown ? WHEEL_DOWN : WHEEL_UP;
    xtest.FakeInput(BUTTON_PRESS, button, 0, 0, 0, 0);
    xtest.FakeInput(BUTTON_RELEASE, button, 0, 0, 0, 0);
    this.#canvas.display.client.flush();
  }

  prepare(number: number): void {
    drawStamp(this.#stamp, this.#scene.markerGroups[0]![0]!, number);
  }

  due(): Promise<boolean> {
    return this.#watch.painted(PAINT_WAIT_MS);
  }

  show(): void {
    for (const { id } of this.#numbers) this.#canvas.put(this.#stamp, 0, 0, this.#stamp.picture, 0, 0, id);
  }

  rest(): void {
    clearInterval(this.#wheel);
    this.#program.freeze();
  }

  async close(): Promise<void> {
    this.rest();
    this.#watch.close();
    for (const number of this.#numbers) number.close();
    await this.#canvas.unshare(this.#stamp);
    await this.#program.close();
  }
}
