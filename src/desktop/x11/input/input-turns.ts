import type { DesktopInput } from '../../desktop.ts';
import type { HeldKeys } from './held-keys.ts';
import { InputQueue, type InputStep, type KeyStep } from './input-queue.ts';
import {
  type Binding,
  type Bindings,
  type Keyboard,
  type KeyboardPort,
  REPEAT_GAP_MS,
  SAME_KEY_GAP_MS,
} from './keyboard.ts';
import { isLock, isUsable, normalizeKeysym } from './keysyms.ts';

/** Operations of the turns on the display, and their clock. */
export interface InputPort extends KeyboardPort {
  move(x: number, y: number): void;
  nudge(dx: number, dy: number): void;
  button(button: number, down: boolean): void;
  /** Whether the X server has not taken earlier input yet. Call `InputTurns.serve` once it has. */
  isBackedUp(): boolean;
  /** Resolves when the X server has carried out everything so far. */
  synced(): Promise<void>;
  /** Changes the meaning of keycodes. Resolves when the X server has been told. */
  bind(bindings: Bindings): Promise<void>;
  /** Resolves with whether programs are known to have handled all taps of spare keycodes so far. May take a while. */
  handled(): Promise<boolean>;
  /** Resolves when the program with the focus knows the meanings of keycodes so far, as far as it can be asked. */
  known(): Promise<void>;
  /** Resolves when an input method has given the last keys back, which the next press waits for. Undefined if it has. */
  givenBack(): Promise<void> | undefined;
  /** Reads the keymap and the locks if another program has changed them. Undefined if they are known. */
  refresh(): Promise<void> | undefined;
  /** Resolves after a time. */
  wait(ms: number): Promise<void>;
  /** Calls `action` in a later turn of the event loop. */
  later(action: () => void): void;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
}

/** Highest X button: 4-7 are wheel steps, 8 and 9 back and forward. */
const BUTTONS = 10;

/**
 * Milliseconds from a new binding to the first use of it, at least. Xlib, GTK and Qt programs need none. Chromium applies
 * a new keymap asynchronously: with 0 ms half of the letters were wrong, with 5 ms none of 400. A larger value delays the
 * first use of each new character; a smaller one is right only for programs that answer a ping, which is waited for too.
 */
export const BINDING_SETTLES_MS = 20;

/**
 * Milliseconds of a round trip to the X server from which it counts as stalled. Programs get their input late then,
 * so no keycode may change its meaning soon. A smaller value slows typing down on a machine that is only busy.
 */
const STALLED_MS = 250;

/** Steps that are looked through for characters to bind ahead. A larger value costs more time for each batch. */
const LOOK_AHEAD_STEPS = 512;

/**
 * Steps carried out in one turn of the event loop; about 1 ms of work. A larger value delays frames while a writer's
 * input catches up after a wait; a smaller one makes that slower.
 */
export const STEPS_PER_TURN = 128;

/** One writer's queue and what it holds down. */
interface Lane {
  readonly queue: InputQueue;
  readonly keys: HeldKeys;
  readonly buttons: Set<number>;
  /** Set while the first step waits for a binding; a new object for each wait. */
  wait: object | undefined;
  /** Settles when the queue takes presses again. Undefined while it does. */
  full: PromiseWithResolvers<void> | undefined;
  /** Whether the lane stands in the row of lanes that have something to do. */
  isInRow: boolean;
}

/**
 * Carries out the input of several writers: one step of each in turn, at once if nothing is in the way. A writer whose
 * next key needs a spare keycode waits alone; its own order is kept. All writers wait while the X server takes nothing.
 */
export class InputTurns {
  readonly #port: InputPort;
  readonly #keyboard: Keyboard;
  readonly #onStalled: (nowMs: number) => void;
  readonly #lanes = new Set<Lane>();
  /** Lanes with a step that can be carried out, the next one first. */
  #row: Lane[] = [];
  #isScheduled = false;
  /** Whether the X server has been asked about a release. */
  #isFollowing = false;
  #isClosed = false;

  /** `onStalled` is called when the X server was seen to be stalled until now. */
  constructor(port: InputPort, keyboard: Keyboard, onStalled: (nowMs: number) => void) {
    this.#port = port;
    this.#keyboard = keyboard;
    this.#onStalled = onStalled;
  }

  /** Opens a writer's input. */
  open(): DesktopInput {
    const lane: Lane = {
      queue: new InputQueue(),
      keys: this.#keyboard.open(),
      buttons: new Set(),
      wait: undefined,
      full: undefined,
      isInRow: false,
    };
    this.#lanes.add(lane);
    const take = (step: InputStep): void => {
      if (!this.#lanes.has(lane)) return;
      lane.queue.push(step);
      this.#line(lane);
      this.serve();
    };
    return {
      movePointer: (x, y) => take({ kind: 'move', x, y }),
      nudgePointer: (dx, dy) => take({ kind: 'nudge', dx, dy }),
      button: (button, down, at) => {
        if (Number.isInteger(button) && button >= 1 && button <= BUTTONS)
          take({ kind: 'button', button, down, at });
      },
      key: (keysym, down, evdev) => {
        const normal = normalizeKeysym(keysym);
        if (!isUsable(normal)) return;
        if (!isLock(normal)) take({ kind: 'key', keysym: normal, down, evdev });
        // What it means is decided for the press. The queue ignores releases without one.
        else if (evdev > 0) this.#lockKey(take, normal, down, evdev);
      },
      whenTaking: () => {
        if (lane.queue.isFull && this.#lanes.has(lane)) lane.full ??= Promise.withResolvers();
        return lane.full?.promise;
      },
      releaseAll: () => this.#releaseAll(lane),
      close: () => {
        this.#releaseAll(lane);
        this.#keyboard.close(lane.keys);
        this.#lanes.delete(lane);
      },
    };
  }

  /** Carries out what it can, up to the limit of a turn. */
  serve(): void {
    if (this.#isScheduled) return;
    for (let steps = 0; this.#row.length > 0; steps++) {
      if (this.#isClosed || this.#port.isBackedUp()) return;
      if (steps === STEPS_PER_TURN) {
        this.#isScheduled = true;
        this.#port.later(() => {
          this.#isScheduled = false;
          this.serve();
        });
        return;
      }
      const lane = this.#row.shift()!;
      lane.isInRow = false;
      this.#advance(lane);
      this.#line(lane);
    }
  }

  /** Drops all input that waits and releases everything that is down, at once. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes) this.#releaseAll(lane);
    this.#lanes.clear();
    this.#row = [];
  }

  /** Puts a lane at the end of the row if its next step can be carried out. */
  #line(lane: Lane): void {
    if (lane.isInRow || lane.wait || lane.queue.length === 0) return;
    lane.isInRow = true;
    this.#row.push(lane);
  }

  #lockKey(take: (step: InputStep) => void, keysym: number, down: boolean, evdev: number): void {
    const meaning = down ? this.#keyboard.meaning(keysym, evdev) : keysym;
    if (meaning !== undefined) take({ kind: 'key', keysym: meaning, down, evdev });
  }

  #advance(lane: Lane): void {
    const step = lane.queue.first;
    if (!step) return;
    if (step.kind === 'key') {
      const obstacle = this.#obstacle(lane, step);
      if (obstacle) {
        void this.#waitFor(lane, obstacle);
        return;
      }
    }
    lane.queue.shift();
    this.#takeAgain(lane);
    this.#carryOut(lane, step);
  }

  /** Lets the writer go on once its queue is full no longer. */
  #takeAgain(lane: Lane): void {
    if (!lane.full || lane.queue.isFull) return;
    lane.full.resolve();
    lane.full = undefined;
  }

  /** What has to be done before a key can be pressed or released; undefined if nothing. */
  #obstacle(lane: Lane, step: KeyStep): ((wait: object) => Promise<void>) | undefined {
    const givenBack = step.down ? this.#port.givenBack() : undefined;
    if (givenBack) return () => givenBack;
    if (this.#keyboard.isRepeating(lane.keys, step, this.#port.nowMs()))
      return () => this.#pause(REPEAT_GAP_MS);
    const refreshed = step.down ? this.#port.refresh() : undefined;
    if (refreshed) return () => refreshed;
    if (!step.down) return undefined;
    const released = this.#keyboard.releasedJustNow(lane.keys, step, this.#port.nowMs());
    if (released)
      return async () => {
        await this.#pause(SAME_KEY_GAP_MS);
        this.#keyboard.forget(released);
      };
    return this.#keyboard.canType(lane.keys, step) ? undefined : (wait) => this.#prepare(lane, wait);
  }

  #carryOut(lane: Lane, step: InputStep): void {
    const nowMs = this.#port.nowMs();
    switch (step.kind) {
      case 'move':
        this.#port.move(step.x, step.y);
        return;
      case 'nudge':
        this.#port.nudge(step.dx, step.dy);
        return;
      case 'button':
        if (step.at) this.#port.move(step.at.x, step.at.y);
        this.#button(lane, step.button, step.down);
        return;
      case 'key':
        if (step.down) this.#keyboard.press(lane.keys, step, nowMs);
        else {
          this.#keyboard.release(lane.keys, step, nowMs);
          if (!this.#isFollowing) void this.#followReleases();
        }
    }
  }

  /** Asks the X server when it has carried out the last release, so that the next press need not wait for that. */
  async #followReleases(): Promise<void> {
    this.#isFollowing = true;
    try {
      for (let release = this.#keyboard.openRelease; release; release = this.#keyboard.openRelease) {
        await this.#port.synced();
        release.carriedOutAtMs = this.#port.nowMs();
      }
    } catch {
      // The connection to the X server has ended, which its owner handles.
    }
    this.#isFollowing = false;
  }

  /** A button that two writers hold is down until both have released it. */
  #button(lane: Lane, button: number, down: boolean): void {
    if (lane.buttons.has(button) === down) return;
    if (down) lane.buttons.add(button);
    else lane.buttons.delete(button);
    for (const other of this.#lanes) if (other !== lane && other.buttons.has(button)) return;
    this.#port.button(button, down);
  }

  #releaseAll(lane: Lane): void {
    lane.queue.clear();
    this.#takeAgain(lane);
    lane.wait = undefined;
    for (const button of [...lane.buttons]) this.#button(lane, button, false);
    this.#keyboard.releaseAll(lane.keys);
  }

  /** Waits until the X server has carried out everything so far, and for a time. */
  async #pause(ms: number): Promise<void> {
    await this.#port.synced();
    await this.#port.wait(ms);
  }

  /** Lets a lane wait while `clear` removes what its first step waits for. */
  async #waitFor(lane: Lane, clear: (wait: object) => Promise<void>): Promise<void> {
    const wait = {};
    lane.wait = wait;
    try {
      await clear(wait);
    } catch {
      // The connection to the X server has ended, which its owner handles.
      this.close();
      return;
    }
    if (lane.wait !== wait) return;
    lane.wait = undefined;
    this.#line(lane);
    this.serve();
  }

  /** Gets a spare keycode for the first step of a lane, unless the lane waits no longer. */
  async #prepare(lane: Lane, wait: object): Promise<void> {
    await this.#synced();
    if (lane.wait !== wait) return;
    const sinceMs = this.#port.nowMs();
    const presses = lane.queue.keyPresses(LOOK_AHEAD_STEPS);
    await this.#follow(lane, this.#keyboard.bindAhead(lane.keys, presses, sinceMs), sinceMs);
  }

  /** Does what the result of `bindAhead` asks for. New bindings settle even if their writer leaves meanwhile. */
  async #follow(lane: Lane, binding: Binding, sinceMs: number): Promise<void> {
    switch (binding.kind) {
      case 'bound':
        await this.#port.bind(binding.bindings);
        await this.#port.synced();
        await Promise.all([this.#port.wait(BINDING_SETTLES_MS), this.#port.known()]);
        this.#keyboard.settle(binding.bindings.keys());
        return;
      case 'settling':
        await this.#port.wait(BINDING_SETTLES_MS);
        return;
      case 'tooEarly':
        if (await this.#port.handled()) this.#keyboard.read(sinceMs);
        else await this.#port.wait(Math.max(0, binding.waitMs - (this.#port.nowMs() - sinceMs)));
        return;
      case 'impossible':
        lane.queue.shift();
        this.#takeAgain(lane);
        return;
      case 'ready':
    }
  }

  /** Waits for the X server, because programs can't have read what it has not carried out. */
  async #synced(): Promise<void> {
    const sinceMs = this.#port.nowMs();
    await this.#port.synced();
    const nowMs = this.#port.nowMs();
    if (nowMs - sinceMs >= STALLED_MS) this.#onStalled(nowMs);
  }
}
