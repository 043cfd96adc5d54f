import type { DesktopScreen } from '../../desktop/screen-layout.ts';
import { type Size, sameSize } from '../../pixels/rect.ts';
import * as wire from '../../protocol/constants.ts';
import * as say from '../../protocol/server-messages.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';

export interface DesktopSizeOptions {
  /** The desktop's size as it is now. */
  size(): Size;
  /** The screens that it is divided into. None: it is one screen. */
  screens(): readonly DesktopScreen[];
  /** Sends an update with only this rect. */
  sendRect(rect: Uint8Array): void;
  /**
   * The viewer keeps a framebuffer of this size, although the desktop has another one: it supports no message that says
   * so. Undefined: its framebuffer has the desktop's size again.
   */
  crop(framebuffer: Size | undefined): void;
}

/**
 * Tells a viewer the desktop's size, in an update of its own: a viewer may drop the pixels of an update that holds a
 * new size. Such an update does not use up the viewer's update request.
 */
export class DesktopSizeNotice {
  readonly #options: DesktopSizeOptions;
  #settings: ViewerSettings = NO_SETTINGS;
  /** Size of the viewer's framebuffer. */
  #told: Size;
  /** The viewer may have to be told the desktop's size. */
  #owes = false;
  #isCropped = false;
  /** The viewer shows the desktop on several screens. Others are told of one, which is all that they show. */
  #hasScreens = false;

  constructor(options: DesktopSizeOptions) {
    this.#options = options;
    this.#told = options.size();
  }

  /** The viewer is told this size by ServerInit. */
  init(size: Size): void {
    this.#told = size;
  }

  /** The viewer lists its encodings. A new ExtendedDesktopSize is answered, which says that sizes can be requested. */
  wants(settings: ViewerSettings): void {
    const isNew = settings.extendedDesktopSize && !this.#settings.extendedDesktopSize;
    this.#settings = settings;
    if (this.#owes || isNew) this.#tell(wire.RESIZE_REASON_SERVER, wire.RESIZE_OK);
  }

  /** The desktop has another size. `reason` is that of ExtendedDesktopSize. */
  changed(reason: number): void {
    if (this.#settings === NO_SETTINGS) this.#owes = true;
    else this.#tell(reason, wire.RESIZE_OK);
  }

  /** The viewer asks for so many screens. */
  asked(screens: number): void {
    this.#hasScreens = screens > 1;
  }

  /** The viewer's request left the size as it is. `status` is that of ExtendedDesktopSize. */
  refused(status: number): void {
    this.#tell(wire.RESIZE_REASON_THIS_CLIENT, status);
  }

  /** The viewer requests pixels, so it has listed all that it supports. */
  picturesBegin(): void {
    if (this.#owes && !this.#isCropped) this.#tell(wire.RESIZE_REASON_SERVER, wire.RESIZE_OK);
  }

  #tell(reason: number, status: number): void {
    const rect = this.#rect(reason, status);
    const size = this.#options.size();
    if (rect) {
      this.#options.sendRect(rect);
      this.#told = size;
    }
    this.#crop(!sameSize(size, this.#told) ? this.#told : undefined);
  }

  #crop(framebuffer: Size | undefined): void {
    this.#owes = framebuffer !== undefined;
    if (this.#owes || this.#isCropped) this.#options.crop(framebuffer);
    this.#isCropped = this.#owes;
  }

  #rect(reason: number, status: number): Uint8Array | undefined {
    const { width, height } = this.#options.size();
    if (this.#settings.extendedDesktopSize) {
      const several = this.#hasScreens ? this.#options.screens() : [];
      const screens = several.length > 0 ? several : [{ id: 1, x: 0, y: 0, width, height }];
      const withFlags = screens.map((screen) => ({ ...screen, flags: 0 }));
      return say.extendedDesktopSizeRect(reason, status, width, height, withFlags);
    }
    const said = this.#settings.desktopSize && status === wire.RESIZE_OK;
    return said ? say.desktopSizeRect(width, height) : undefined;
  }
}
