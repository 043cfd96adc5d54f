import type { ClientMessage } from '../protocol/client-messages.ts';
import type { Size } from './render/geometry.ts';

interface UpdateRequestsOptions {
  readonly send: (message: ClientMessage) => void;
  /** Size of the desktop; requests must cover all of it. */
  readonly size: () => Size;
}

/**
 * Asks the server for updates, as long as the page can be seen.
 *
 * After each update that was drawn, one incremental request follows. With continuous updates, the server takes that as
 * permission to send another update, so that no queue of updates grows here. Without them, RFB requires the request
 * anyway. A hidden page asks for nothing: the server then captures, encodes and sends nothing for it.
 */
export class UpdateRequests {
  readonly #options: UpdateRequestsOptions;
  #isContinuous = false;
  #isHidden: boolean;
  /** Updates that were drawn while the page was hidden, which the server still counts as not drawn. */
  #owed = 0;

  constructor(options: UpdateRequestsOptions, isHidden: boolean) {
    this.#options = options;
    this.#isHidden = isHidden;
  }

  /** Requests the whole picture, also in a hidden page: that it has one when it is shown. */
  begin(): void {
    this.#request(false);
  }

  /** The server supports continuous updates. */
  support(): void {
    if (this.#isContinuous) return;
    this.#isContinuous = true;
    if (!this.#isHidden) this.#switch(true);
  }

  /** The desktop has another size. */
  resized(): void {
    if (this.#isContinuous && !this.#isHidden) this.#switch(true);
  }

  /** An update has been drawn. */
  drawn(): void {
    if (this.#isHidden) this.#owed++;
    else this.#request(true);
  }

  /** The page was hidden, or is shown again. */
  setHidden(isHidden: boolean): void {
    if (isHidden === this.#isHidden) return;
    this.#isHidden = isHidden;
    if (this.#isContinuous) this.#switch(!isHidden);
    if (isHidden) return;
    // The first one brings what has changed meanwhile.
    for (let owed = Math.max(1, this.#owed); owed > 0; owed--) this.#request(true);
    this.#owed = 0;
  }

  #switch(on: boolean): void {
    this.#options.send({ type: 'enableContinuousUpdates', on, x: 0, y: 0, ...this.#options.size() });
  }

  #request(incremental: boolean): void {
    this.#options.send({ type: 'updateRequest', incremental, x: 0, y: 0, ...this.#options.size() });
  }
}
