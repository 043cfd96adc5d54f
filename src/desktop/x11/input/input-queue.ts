import { keyId } from './held-keys.ts';

/** One event that a writer has asked for. */
export type InputStep =
  | { readonly kind: 'move'; readonly x: number; readonly y: number }
  | { readonly kind: 'nudge'; readonly dx: number; readonly dy: number }
  | {
      readonly kind: 'button';
      readonly button: number;
      readonly down: boolean;
      /** Where the pointer is moved in the same step. */
      readonly at?: { readonly x: number; readonly y: number };
    }
  | KeyStep;

export interface KeyStep {
  readonly kind: 'key';
  readonly keysym: number;
  readonly down: boolean;
  readonly evdev: number;
}

/**
 * Presses of keys and buttons that may wait in one queue. A larger value takes longer pastes typed as keys and holds
 * more memory: about 1 MB per queue when full, releases and moves included. With a smaller value such pastes make their
 * writer wait sooner.
 */
export const MAX_WAITING_PRESSES = 4096;

/**
 * Presses for which a full queue keeps room: those of one message of a viewer, which may press all buttons and turn the
 * wheel. A larger value lets writers wait sooner; a smaller one drops a part of a message.
 */
const PRESSES_OF_A_MESSAGE = 32;

/**
 * The input of one writer that waits to be carried out, in order. A writer waits while its queue is full; presses of one
 * that does not are dropped when there is no room. The queue never drops the release of a press that it took, and it
 * ignores a release without a press. Pointer moves that follow each other are merged, so that the queue never holds more
 * moves than other steps, plus one.
 */
export class InputQueue {
  readonly #steps: InputStep[] = [];
  /** Keys and buttons whose last step that was taken is a press. */
  readonly #keysDown = new Set<number>();
  readonly #buttonsDown = new Set<number>();
  #waitingPresses = 0;

  get length(): number {
    return this.#steps.length;
  }

  /** Whether the writer has to wait. */
  get isFull(): boolean {
    return this.#waitingPresses > MAX_WAITING_PRESSES - PRESSES_OF_A_MESSAGE;
  }

  /** The step that is due. */
  get first(): InputStep | undefined {
    return this.#steps[0];
  }

  push(step: InputStep): void {
    if (step.kind === 'move' || step.kind === 'nudge') this.#pushMotion(step);
    else if (this.#takes(step)) this.#steps.push(step);
  }

  shift(): void {
    const step = this.#steps.shift();
    if (step && isPress(step)) this.#waitingPresses--;
  }

  /** Drops everything that waits, and forgets what is down: the caller releases that. */
  clear(): void {
    this.#steps.length = 0;
    this.#waitingPresses = 0;
    this.#keysDown.clear();
    this.#buttonsDown.clear();
  }

  /** The key presses among the first `limit` steps, in order. */
  *keyPresses(limit: number): Iterable<KeyStep> {
    const end = Math.min(limit, this.#steps.length);
    for (let i = 0; i < end; i++) {
      const step = this.#steps[i]!;
      if (step.kind === 'key' && step.down) yield step;
    }
  }

  #takes(step: Exclude<InputStep, { kind: 'move' | 'nudge' }>): boolean {
    const [down, id] =
      step.kind === 'key'
        ? [this.#keysDown, keyId(step.keysym, step.evdev)]
        : [this.#buttonsDown, step.button];
    if (!step.down) return down.delete(id);
    if (this.#waitingPresses >= MAX_WAITING_PRESSES) return false;
    this.#waitingPresses++;
    down.add(id);
    return true;
  }

  #pushMotion(step: Extract<InputStep, { kind: 'move' | 'nudge' }>): void {
    const last = this.#steps.at(-1);
    if (last?.kind === 'move' || last?.kind === 'nudge')
      this.#steps[this.#steps.length - 1] = merged(last, step);
    else this.#steps.push(step);
  }
}

const isPress = (step: InputStep): boolean => (step.kind === 'key' || step.kind === 'button') && step.down;

/** One motion with the effect of two. */
function merged(
  first: Extract<InputStep, { kind: 'move' | 'nudge' }>,
  second: Extract<InputStep, { kind: 'move' | 'nudge' }>,
): InputStep {
  if (second.kind === 'move') return second;
  const { dx, dy } = second;
  if (first.kind === 'move') return { kind: 'move', x: first.x + dx, y: first.y + dy };
  return { kind: 'nudge', dx: first.dx + dx, dy: first.dy + dy };
}
