import type { Rights } from '../../accounts/user.ts';
import { afterReal } from '../../common/after.ts';
import { checkPixelFormat, type PixelFormat, samePixelFormat } from '../../protocol/pixel-format.ts';
import {
  endOfContinuousUpdates,
  extendedMouseButtonsRect,
  qemuKeyRect,
  rights as rightsMessage,
} from '../../protocol/server-messages.ts';
import { NO_SETTINGS, parseEncodings, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import { updateIntervalMs } from '../picture/profile-from-settings.ts';
import type { ViewerPicture } from '../picture/viewer-picture.ts';
import type { ViewerClipboard } from './clipboard.ts';
import type { DesktopSizeNotice } from './desktop-size-notice.ts';
import { SpacedCall } from './spaced-call.ts';
import type { LastRectUse, UpdateSender } from './update-sender.ts';

/**
 * Shortest time between two changes of how a viewer is shown the cursor, in milliseconds. Each change sends the cursor
 * once more. A larger value shows the cursor later to a viewer that changes its encodings twice; a smaller one lets a
 * viewer cause more updates by its messages.
 */
export const CURSOR_CHANGE_INTERVAL_MS = 100;

export interface CapabilitiesOptions {
  readonly sender: UpdateSender;
  readonly picture: ViewerPicture;
  readonly clipboard: ViewerClipboard;
  readonly sizeNotice: DesktopSizeNotice;
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  rights(): Rights;
  /** The viewer may need the cursor in another form, or as a part of its picture. */
  cursorKindChanged(): void;
  /** The viewer was offered what had been copied before. */
  clipboardOffered(): void;
  /** The viewer may be able to take an update now. */
  wake(): void;
}

/** KasmVNC's page shows an update only if it has more than one rect, LastRect counted. */
function lastRectUse({ lastRect, kasm, ours }: ViewerSettings): LastRectUse {
  if (!lastRect) return 'never';
  return kasm && !ours ? 'always' : 'if needed';
}

/** A server feature that is announced to a viewer once, when the viewer first lists its own part of it. */
type Announced = 'continuousUpdates' | 'fence' | 'ours' | 'qemuKey' | 'extendedMouseButtons';

/** Features and settings of one viewer, by its SetEncodings and SetPixelFormat. */
export class Capabilities {
  readonly #options: CapabilitiesOptions;
  readonly #announced = new Set<Announced>();
  #settings: ViewerSettings = NO_SETTINGS;
  readonly #cursorChange: SpacedCall;

  constructor(options: CapabilitiesOptions) {
    this.#options = options;
    const { now } = options;
    this.#cursorChange = new SpacedCall({ intervalMs: CURSOR_CHANGE_INTERVAL_MS, now, after: afterReal });
  }

  get settings(): ViewerSettings {
    return this.#settings;
  }

  /** Takes a SetPixelFormat. Throws an RfbError for a format that no pixel can be written in. */
  setPixelFormat(format: PixelFormat): void {
    const { picture } = this.#options;
    checkPixelFormat(format);
    const isOther = !samePixelFormat(format, picture.format);
    picture.wants(this.#settings, format);
    if (isOther && this.#settings.cursor) this.#changeCursor();
  }

  /** Takes a SetEncodings, and announces what the viewer lists for the first time. */
  setEncodings(encodings: readonly number[]): void {
    const { sender, picture, clipboard, sizeNotice, clipboardOffered, wake } = this.#options;
    const settings = parseEncodings(encodings);
    const before = this.#settings;
    this.#settings = settings;
    picture.wants(settings, picture.format);
    if (before === NO_SETTINGS || before.cursor !== settings.cursor) this.#changeCursor();
    sender.flow.fences = settings.fence;
    sender.flow.updateIntervalMs = updateIntervalMs(settings);
    sender.flow.reportsDrawn = settings.ours;
    sender.lastRect = lastRectUse(settings);
    sender.takesPortions = settings.portions;
    if (settings.extendedClipboard) clipboard.extend();
    if (settings.kasm || settings.ours) clipboard.useKasm(settings.ours ? 'ours' : 'page');
    this.#announceNew();
    sizeNotice.wants(settings);
    if (clipboard.beginOnce()) clipboardOffered();
    wake();
  }

  /** The viewer's rights have changed. Tells a viewer that supports the message. */
  rightsChanged(): void {
    if (this.#settings.ours) this.#options.sender.outbox.message(rightsMessage(this.#options.rights()));
  }

  /** Changes nothing later. */
  close(): void {
    this.#cursorChange.close();
  }

  /** Has the viewer shown the cursor in another form, now or when the interval is over. */
  #changeCursor(): void {
    const { sender, cursorKindChanged, wake } = this.#options;
    // The viewer may not support the form that it was to be sent.
    sender.sendCursor(undefined);
    this.#cursorChange.request((isLate) => {
      cursorKindChanged();
      if (isLate) wake();
    });
  }

  /** Announces each feature once, however often a viewer lists it anew. */
  #announceNew(): void {
    const { sender } = this.#options;
    const announce: Record<Announced, () => void> = {
      continuousUpdates: () => sender.outbox.message(endOfContinuousUpdates()),
      // Says that the server has fences, and measures the bare round trip before the first picture.
      fence: () => sender.fences.probe(),
      ours: () => this.rightsChanged(),
      qemuKey: () => sender.announce(qemuKeyRect()),
      extendedMouseButtons: () => sender.announce(extendedMouseButtonsRect()),
    };
    for (const feature of Object.keys(announce) as Announced[]) {
      if (!this.#settings[feature] || this.#announced.has(feature)) continue;
      this.#announced.add(feature);
      announce[feature]();
    }
  }
}
