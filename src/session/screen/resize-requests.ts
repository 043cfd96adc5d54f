import type { Logger } from 'pino';
import { answerWithin } from '../../desktop/answer-within.ts';
import type { Desktop, WantedSize } from '../../desktop/desktop.ts';
import { DesktopError } from '../../desktop/errors.ts';
import { type Size, sameSize } from '../../pixels/rect.ts';
import {
  RESIZE_OK,
  RESIZE_OUT_OF_RESOURCES,
  RESIZE_PROHIBITED,
  RESIZE_REASON_OTHER_CLIENT,
  RESIZE_REASON_SERVER,
  RESIZE_REASON_THIS_CLIENT,
} from '../../protocol/constants.ts';

/**
 * How long the desktop may take to change its size, in milliseconds. The API promises an answer within 5 s. A shorter
 * limit refuses sizes that a busy X server would grant, a longer one leaves viewers without an answer.
 */
const RESIZE_LIMIT_MS = 4_000;

/** A viewer, or a caller of the API, that asks for a size of the desktop. */
export interface ResizeAsker {
  /** The desktop keeps its size; `status` as in ExtendedDesktopSize. */
  notResized(status: number): void;
  /** The desktop has this size now, whoever asked for it last. A viewer learns it with the next frame. */
  reached?(size: Size): void;
  /** The desktop could not be resized. */
  failed?(error: unknown): void;
}

/** Sizes that were asked for, by asker, the newest last. */
type Sizes = Map<ResizeAsker, WantedSize>;

/** Takes the place of askers that have left. */
const GONE: ResizeAsker = { notResized: () => undefined };

/**
 * Carries out the sizes that viewers ask for, one at a time. Of the requests that arrive meanwhile only the newest is
 * kept: while a user drags a window's edge, its viewer asks for hundreds of sizes, and each of them costs every viewer
 * a whole new screen. Each asker is answered once, with the size that the desktop has in the end.
 */
export class ResizeRequests {
  readonly #desktop: Pick<Desktop, 'resize'>;
  readonly #log: Logger;
  /** The askers of requests that were begun, which have no answer yet. */
  readonly #unanswered = new Set<ResizeAsker>();
  /** The desktop's size as the viewers know it. */
  #shownSize: Size;
  #next: Sizes | undefined;
  #isBusy = false;
  #isFailing = false;

  constructor(desktop: Pick<Desktop, 'resize' | 'size'>, log: Logger) {
    this.#desktop = desktop;
    this.#shownSize = desktop.size;
    this.#log = log;
  }

  ask(asker: ResizeAsker, size: WantedSize): void {
    const sizes: Sizes = this.#next ?? new Map();
    sizes.delete(asker);
    this.#next = sizes.set(asker, size);
    if (!this.#isBusy) void this.#carryOut();
  }

  /** Asks for a caller of the API. Resolves with the size that the desktop has then. Rejects with a DesktopError. */
  request(size: WantedSize): Promise<Size> {
    const { promise, resolve, reject } = Promise.withResolvers<Size>();
    this.ask({ notResized: () => undefined, reached: resolve, failed: reject }, size);
    return promise;
  }

  /** The viewer is gone and needs no answer. Its request stays. */
  forget(asker: ResizeAsker): void {
    this.#unanswered.delete(asker);
    const size = this.#next?.get(asker);
    if (this.#next === undefined || size === undefined) return;
    const isNewest = [...this.#next.keys()].at(-1) === asker;
    this.#next.delete(asker);
    if (isNewest) {
      this.#next.delete(GONE);
      this.#next.set(GONE, size);
    }
  }

  /** The viewer may no longer resize the desktop. Refuses its request if that has not begun; others' requests stay. */
  revoke(asker: ResizeAsker): void {
    if (!this.#next?.delete(asker)) return;
    if (this.#next.size === 0) this.#next = undefined;
    asker.notResized(RESIZE_PROHIBITED);
  }

  /** A frame of this size is shown. */
  shown(size: Size): void {
    this.#shownSize = size;
  }

  /**
   * The shown picture has a new size, of which all viewers are told now: that answers every asker. Returns the reason
   * to tell each viewer, as in ExtendedDesktopSize.
   */
  resized(size: Size): (viewer: ResizeAsker) => number {
    this.#shownSize = size;
    const askers = new Set(this.#unanswered);
    this.#unanswered.clear();
    return (viewer) => {
      if (askers.size === 0) return RESIZE_REASON_SERVER;
      return askers.has(viewer) ? RESIZE_REASON_THIS_CLIENT : RESIZE_REASON_OTHER_CLIENT;
    };
  }

  async #carryOut(): Promise<void> {
    this.#isBusy = true;
    for (let sizes = this.#next; sizes; sizes = this.#next) {
      this.#next = undefined;
      await this.#try([...sizes.values()].at(-1)!, [...sizes.keys()]);
    }
    this.#isBusy = false;
  }

  async #try(size: WantedSize, askers: readonly ResizeAsker[]): Promise<void> {
    // A caller of the API is answered when the desktop has the size, whether or not anyone is shown it.
    for (const asker of askers) if (asker.reached === undefined) this.#unanswered.add(asker);
    try {
      const reached = await answerWithin('a new size', RESIZE_LIMIT_MS, this.#desktop.resize(size));
      this.#isFailing = false;
      for (const asker of askers) asker.reached?.(reached);
      // No frame of another size follows if the desktop has kept its size, or has taken it back.
      if (sameSize(reached, this.#shownSize)) this.#answer(this.#unanswered, RESIZE_OK);
    } catch (error) {
      const { width, height } = size;
      if (!this.#isFailing) this.#log.warn({ err: error, width, height }, 'The desktop could not be resized');
      this.#isFailing = true;
      for (const asker of askers) asker.failed?.(error);
      const isNever = error instanceof DesktopError && error.code === 'DESKTOP_MONITORS';
      this.#answer(askers, isNever ? RESIZE_PROHIBITED : RESIZE_OUT_OF_RESOURCES);
    }
  }

  #answer(askers: Iterable<ResizeAsker>, status: number): void {
    for (const asker of [...askers]) if (this.#unanswered.delete(asker)) asker.notResized(status);
  }
}
