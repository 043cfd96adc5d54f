import type { Rights } from '../../accounts/user.ts';
import { checkPixelFormat, type PixelFormat } from '../../protocol/pixel-format.ts';
import { endOfContinuousUpdates, rights as rightsMessage } from '../../protocol/server-messages.ts';
import { NO_SETTINGS, parseEncodings, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import type { ViewerPicture } from '../picture/viewer-picture.ts';
import type { ViewerClipboard } from './clipboard.ts';
import type { DesktopSizeNotice } from './desktop-size-notice.ts';
import type { UpdateSender } from './update-sender.ts';

export interface CapabilitiesOptions {
  readonly sender: UpdateSender;
  readonly picture: ViewerPicture;
  readonly clipboard: ViewerClipboard;
  readonly sizeNotice: DesktopSizeNotice;
  rights(): Rights;
  /** The viewer may need the cursor in another form, or as a part of its picture. */
  cursorKindChanged(): void;
  /** The viewer may be able to take an update now. */
  wake(): void;
}

/** A server feature that is announced to a viewer once, when the viewer first lists its own part of it. */
type Announced = 'continuousUpdates' | 'fence' | 'ours' | 'qemuKey';

/** Features and settings of one viewer, by its SetEncodings and SetPixelFormat. */
export class Capabilities {
  readonly #options: CapabilitiesOptions;
  readonly #announced = new Set<Announced>();
  #settings: ViewerSettings = NO_SETTINGS;

  constructor(options: CapabilitiesOptions) {
    this.#options = options;
  }

  get settings(): ViewerSettings {
    return this.#settings;
  }

  /** Takes a SetPixelFormat. Throws an RfbError for a format that no pixel can be written in. */
  setPixelFormat(format: PixelFormat): void {
    const { picture, cursorKindChanged } = this.#options;
    checkPixelFormat(format);
    picture.wants(this.#settings, format);
    cursorKindChanged();
  }

  /** Takes a SetEncodings, and announces what the viewer lists for the first time. */
  setEncodings(encodings: readonly number[]): void {
    const { sender, picture, clipboard, sizeNotice, cursorKindChanged, wake } = this.#options;
    const settings = parseEncodings(encodings);
    this.#settings = settings;
    picture.wants(settings, picture.format);
    cursorKindChanged();
    sender.flow.fences = settings.fence;
    sender.flow.reportsDrawn = settings.ours;
    sender.takesLastRect = settings.lastRect;
    if (settings.extendedClipboard) clipboard.extend();
    if (settings.kasm && !settings.ours) clipboard.useKasm();
    this.#announceNew();
    sizeNotice.wants(settings);
    wake();
  }

  /** The viewer's rights have changed. Tells a viewer that supports the message. */
  rightsChanged(): void {
    if (this.#settings.ours) this.#options.sender.outbox.message(rightsMessage(this.#options.rights()));
  }

  /** Announces each feature once, however often a viewer lists it anew. */
  #announceNew(): void {
    const { sender } = this.#options;
    const announce: Record<Announced, () => void> = {
      continuousUpdates: () => sender.outbox.message(endOfContinuousUpdates()),
      // Says that the server has fences, and measures the bare round trip before the first picture.
      fence: () => sender.fences.probe(),
      ours: () => this.rightsChanged(),
      qemuKey: () => sender.announceQemuKeys(),
    };
    for (const feature of Object.keys(announce) as Announced[]) {
      if (!this.#settings[feature] || this.#announced.has(feature)) continue;
      this.#announced.add(feature);
      announce[feature]();
    }
  }
}
