import type { Logger } from 'pino';
import type { Desktop } from '../../desktop/desktop.ts';
import { type Size, sameSize } from '../../pixels/rect.ts';
import {
  RESIZE_OK,
  RESIZE_OUT_OF_RESOURCES,
  RESIZE_REASON_OTHER_CLIENT,
  RESIZE_REASON_SERVER,
  RESIZE_REASON_THIS_CLIENT,
} from '../../protocol/constants.ts';

/** Who may wish for a size: a viewer. */
export interface ResizeAsker {
  /** The desktop's size stays as it was; `status` as in ExtendedDesktopSize. */
  notResized(status: number): void;
}

interface Wish {
  readonly size: Size;
  /** Who wished for this size, or for one that this wish has overtaken. */
  readonly askers: Set<ResizeAsker>;
}

/**
 * Carries out the sizes that viewers wish for, one at a time. Of those that come meanwhile only the newest counts: a
 * window that is dragged wishes for hundreds, and each would be a whole new screen for everybody. Everyone who
 * asked is answered once, with the size that was reached in the end.
 */
export class ResizeWishes {
  readonly #desktop: Pick<Desktop, 'resize'>;
  readonly #log: Logger;
  /** The desktop's size as viewers know it. */
  readonly #toldSize: () => Size;
  /** Whose wish was taken up, and who has no answer yet. */
  readonly #unanswered = new Set<ResizeAsker>();
  #next: Wish | undefined;
  #isBusy = false;

  constructor(desktop: Pick<Desktop, 'resize'>, toldSize: () => Size, log: Logger) {
    this.#desktop = desktop;
    this.#toldSize = toldSize;
    this.#log = log;
  }

  ask(asker: ResizeAsker, size: Size): void {
    const askers = this.#next?.askers ?? new Set();
    this.#next = { size, askers: askers.add(asker) };
    if (!this.#isBusy) void this.#carryOut();
  }

  /** This one has gone and needs no answer; its wish stays. */
  forget(asker: ResizeAsker): void {
    this.#unanswered.delete(asker);
    this.#next?.askers.delete(asker);
  }

  /** Why the size that is just being told to everybody is a new one, for each of them as in ExtendedDesktopSize. */
  reasonFor(viewer: ResizeAsker): number {
    if (this.#unanswered.size === 0) return RESIZE_REASON_SERVER;
    return this.#unanswered.has(viewer) ? RESIZE_REASON_THIS_CLIENT : RESIZE_REASON_OTHER_CLIENT;
  }

  /** Everybody has been told the new size. */
  told(): void {
    this.#unanswered.clear();
  }

  async #carryOut(): Promise<void> {
    this.#isBusy = true;
    for (let wish = this.#next; wish; wish = this.#next) {
      this.#next = undefined;
      await this.#try(wish);
    }
    this.#isBusy = false;
  }

  async #try({ size, askers }: Wish): Promise<void> {
    for (const asker of askers) this.#unanswered.add(asker);
    try {
      const reached = await this.#desktop.resize(size);
      // Where the size stays what it was, or is that again, no capture will say so.
      if (sameSize(reached, this.#toldSize())) this.#answer(this.#unanswered, RESIZE_OK);
    } catch (error) {
      this.#log.warn({ err: error, ...size }, 'The desktop could not be resized');
      this.#answer(askers, RESIZE_OUT_OF_RESOURCES);
    }
  }

  #answer(askers: ReadonlySet<ResizeAsker>, status: number): void {
    for (const asker of [...askers]) if (this.#unanswered.delete(asker)) asker.notResized(status);
  }
}
