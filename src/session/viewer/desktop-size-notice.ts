import type { Size } from '../../pixels/rect.ts';
import * as wire from '../../protocol/constants.ts';
import * as say from '../../protocol/server-messages.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';

export interface DesktopSizeOptions {
  /** The desktop's size as it is now. */
  size(): Size;
  send(message: Uint8Array): void;
  /** The desktop has another size, and the viewer lists no way to be told. */
  cannotFollow(): void;
}

/**
 * Tells a viewer of the desktop's size. That goes in an update of its own: a viewer may throw away pixels that stand
 * beside it. It answers no request, so none is used up.
 */
export class DesktopSizeNotice {
  readonly #options: DesktopSizeOptions;
  #settings: ViewerSettings = NO_SETTINGS;
  /** The size changed after it was told in ServerInit, and before the viewer said how it takes another. */
  #owes = false;

  constructor(options: DesktopSizeOptions) {
    this.#options = options;
  }

  /** The viewer says what it takes. One that takes ExtendedDesktopSize learns so that the size can be changed. */
  wants(settings: ViewerSettings): void {
    const isNew = settings.extendedDesktopSize && !this.#settings.extendedDesktopSize;
    this.#settings = settings;
    if (!this.#owes && !isNew) return;
    this.#owes = false;
    this.#tell(wire.RESIZE_REASON_SERVER, wire.RESIZE_OK);
  }

  /** The desktop has another size than ServerInit said; `reason` as in ExtendedDesktopSize. */
  changed(reason: number): void {
    if (this.#settings === NO_SETTINGS) this.#owes = true;
    else this.#tell(reason, wire.RESIZE_OK);
  }

  /** What it asked for left the desktop's size as it is; `status` as in ExtendedDesktopSize. */
  refused(status: number): void {
    this.#tell(wire.RESIZE_REASON_THIS_CLIENT, status);
  }

  /** The viewer asks for pixels: it will not say any more how it takes another size. */
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
