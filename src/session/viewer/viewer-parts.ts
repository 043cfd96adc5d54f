import type { Rights } from '../../accounts/user.ts';
import type { ClipboardChange, Desktop, WantedSize } from '../../desktop/desktop.ts';
import type { Size } from '../../pixels/rect.ts';
import { ClipboardGate, type ClipboardUse } from '../dlp/clipboard-gate.ts';
import type { UserLimits } from '../dlp/user-limits.ts';
import type { ViewerPicture } from '../picture/viewer-picture.ts';
import { Capabilities } from './capabilities.ts';
import { type ReceivedContent, ViewerClipboard } from './clipboard.ts';
import { ClipboardNotices } from './clipboard-notices.ts';
import { DesktopSizeNotice } from './desktop-size-notice.ts';
import type { FrameReports } from './frame-reports.ts';
import { ViewerInput } from './input.ts';
import { KasmAnswers } from './kasm-answers.ts';
import { createLimitedAnswers } from './limited-answers.ts';
import type { ViewerParts } from './message-handlers.ts';
import { ResendRequests } from './resend-requests.ts';
import type { UpdateSender } from './update-sender.ts';
import type { ViewerAudit } from './viewer-audit.ts';

export interface ViewerPartsOptions {
  readonly desktop: Pick<Desktop, 'size' | 'screens' | 'openInput'>;
  readonly sender: UpdateSender;
  readonly picture: ViewerPicture;
  readonly reports: FrameReports;
  readonly audit: ViewerAudit;
  readonly limits: UserLimits;
  /** Something was to pass between the viewer's clipboard and the desktop's. */
  clipboardUsed(use: ClipboardUse): void;
  rights(): Rights;
  wake(): void;
  readonly mayResize: boolean;
  resize(size: WantedSize): void;
  /** The viewer has put something on its clipboard. */
  received(content: ReceivedContent): void;
  /** What was copied or marked in the desktop and the viewer may have, the newest first. */
  copied(): readonly ClipboardChange[];
  pointed(): void;
  /** The viewer may need the cursor in another form, or as a part of its picture. */
  cursorKindChanged(): void;
  /** The viewer keeps a framebuffer of this size. Undefined: it has the desktop's size again. */
  crop(framebuffer: Size | undefined): void;
}

/** Makes the parts of one viewer that its messages concern. */
export function createViewerParts(options: ViewerPartsOptions): ViewerParts {
  const { desktop, sender, picture, reports, audit, rights, wake } = options;
  const { resize, mayResize, pointed } = options;
  const gate = new ClipboardGate(
    options.limits,
    () => performance.now(),
    (use) => {
      const { direction, refusal } = use;
      if (refusal) audit.clipboardRefused(direction, refusal);
      if (refusal === 'too large') notices.tooLarge(direction);
      options.clipboardUsed(use);
    },
  );
  const notices = new ClipboardNotices({
    showsText: () => capabilities.settings.ours,
    mostBytes: (direction) => gate.mostBytes(direction),
    now: () => performance.now(),
    send: (message) => sender.outbox.message(message),
  });
  const clipboard = new ViewerClipboard({
    outbox: {
      message: (bytes) => sender.outbox.message(bytes),
      reserve: (bytes) => sender.outbox.reserve(bytes),
      // A text may wait for the viewer, or for its compression, while the right to write is taken.
      newest: (kind, make) => sender.outbox.newest(kind, () => (rights().write ? make() : undefined)),
    },
    gate,
    bytes: options.limits.clipboardBytes,
    copied: () => options.copied(),
    received: (content) => {
      if (rights().write) options.received(content);
    },
  });
  const sizeNotice = new DesktopSizeNotice({
    size: () => desktop.size,
    screens: () => desktop.screens,
    sendRect: (rect) => sender.wholeUpdate([rect]),
    crop: options.crop,
  });
  const capabilities = new Capabilities({
    sender,
    picture,
    clipboard,
    sizeNotice,
    now: () => performance.now(),
    rights,
    cursorKindChanged: options.cursorKindChanged,
    clipboardOffered: () => audit.clipboardOffered(),
    wake,
  });
  const kasm = new KasmAnswers({
    congestion: sender.flow.congestion,
    limit: createLimitedAnswers(),
    bottleneck: () => sender.bottleneck(performance.now()),
    sendAlone: (message) => sender.outbox.message(message, 'alone'),
  });
  const resends = new ResendRequests({
    now: () => performance.now(),
    size: () => desktop.size,
    lacksAll: () => picture.lacksAll,
    hasRoom: () => sender.hasRoom,
    resend: (rect) => sender.resend(rect),
    wake,
  });
  const input = new ViewerInput(desktop.openInput(), undefined, {
    ...options.limits,
    screen: () => desktop.size,
    refused: (type, code) => audit.inputRefused(type, code),
  });
  return {
    ...{ sender, capabilities, picture, resends, sizeNotice, input, clipboard, reports, kasm },
    ...{ audit, rights, wake, resize, mayResize, pointed },
  };
}
