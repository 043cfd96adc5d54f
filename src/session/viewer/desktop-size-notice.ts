import type { Size } from '../../pixels/rect.ts';
import * as wire from '../../protocol/constants.ts';
import * as say from '../../protocol/server-messages.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';

export interface DesktopSizeOptions {
  /** The desktop's size as it is now. */
  size(): Size;
  send(message: Uint8Array): void;
  /** The desktop has another size, and the viewer supports no message that says so. */
  cannotFollow(): void;
}

/**
 * Tells a viewer the desktop's size, in an update of its own: a viewer may drop the pixels of an update that holds a
 * new size. Such an update does not use up the viewer's update request.
 */
export class DesktopSizeNotice {
  readonly #options: DesktopSizeOptions;
  #settings: ViewerSettings = NO_SETTINGS;
  /** The size has changed since ServerInit, and the viewer has not listed its encodings yet. */
  #owes = false;

  constructor(options: DesktopSizeOptions) {
    this.#options = options;
  }

  /** The viewer lists its encodings. A new ExtendedDesktopSize is answered, which says that sizes can be requested. */
  wants(settings: ViewerSettings): void {
    const isNew = settings.extendedDesktopSize && !this.#settings.extendedDesktopSize;
    this.#settings = settings;
    if (!this.#owes && !isNew) return;
    this.#owes = false;
    this.#tell(wire.RESIZE_REASON_SERVER, wire.RESIZE_OK);
  }

  /** The desktop has another size. `reason` is that of ExtendedDesktopSize. */
  changed(reason: number): void {
    if (this.#settings === NO_SETTINGS) this.#owes = true;
    else this.#tell(reason, wire.RESIZE_OK);
  }

  /** The viewer's request left the size as it is. `status` is that of ExtendedDesktopSize. */
  refused(status: number): void {
    this.#tell(wire.RESIZE_REASON_THIS_CLIENT, status);
  }

  /** The viewer requests pixels, so it has listed all that it supports. */
  picturesBegin(): void {
    if (this.#owes) this.#options.cannotFollow();
  }

  #tell(reason: number, status: number): void {
    const rect = this.#rect(reason, status);
    if (rect) this.#options.send(Buffer.concat([say.updateHeader(1), rect]));
    else if (status === wire.RESIZE_OK) this.#options.cannotFollow();
  }

  #rect(reason: number, status: number): Uint8Array | undefined {
    const { width, height } = this.#options.size();
    if (this.#settings.extendedDesktopSize) {
      const screen = { id: 1, x: 0, y: 0, width, height, flags: 0 };
      return say.extendedDesktopSizeRect(reason, status, width, height, [screen]);
    }
    const said = this.#settings.desktopSize && status === wire.RESIZE_OK;
    return said ? say.desktopSizeRect(width, height) : undefined;
  }
}
