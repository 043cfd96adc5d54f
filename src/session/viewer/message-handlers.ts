import type { Rights } from '../../accounts/user.ts';
import type { WantedSize } from '../../desktop/desktop.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { RESIZE_PROHIBITED } from '../../protocol/constants.ts';
import { endOfContinuousUpdates } from '../../protocol/server-messages.ts';
import type { ViewerPicture } from '../picture/viewer-picture.ts';
import type { Capabilities } from './capabilities.ts';
import type { ViewerClipboard } from './clipboard.ts';
import type { DesktopSizeNotice } from './desktop-size-notice.ts';
import type { FrameReports } from './frame-reports.ts';
import type { ViewerInput } from './input.ts';
import type { KasmAnswers } from './kasm-answers.ts';
import { maySend } from './message-rights.ts';
import type { ResendRequests } from './resend-requests.ts';
import type { UpdateSender } from './update-sender.ts';
import type { ViewerAudit } from './viewer-audit.ts';

/** Parts of one viewer that the handlers call. */
export interface ViewerParts {
  readonly sender: UpdateSender;
  readonly capabilities: Capabilities;
  readonly picture: ViewerPicture;
  readonly resends: ResendRequests;
  readonly sizeNotice: DesktopSizeNotice;
  readonly input: ViewerInput;
  readonly clipboard: ViewerClipboard;
  readonly reports: FrameReports;
  readonly kasm: KasmAnswers;
  readonly audit: ViewerAudit;
  rights(): Rights;
  /** Whether a viewer who may write can resize the desktop. */
  readonly mayResize: boolean;
  /** The viewer may be able to take an update now. */
  wake(): void;
  /** The viewer asks for another size of the desktop. */
  resize(size: WantedSize): void;
  /** The viewer sent a pointer message, absolute or relative. */
  pointed(): void;
}

type MessageType = ClientMessage['type'];
type MessageOf<T extends MessageType> = Extract<ClientMessage, { readonly type: T }>;

/** Handles one message. The viewer's next message waits until a returned promise has settled. */
type Handler<T extends MessageType> = (parts: ViewerParts, message: MessageOf<T>) => Promise<void> | void;

const drop = (): void => undefined;

/** Handlers for the messages of one viewer. */
const HANDLERS: { readonly [T in MessageType]: Handler<T> } = {
  setPixelFormat: ({ capabilities }, { format }) => capabilities.setPixelFormat(format),
  setEncodings: ({ capabilities }, { encodings }) => capabilities.setEncodings(encodings),

  updateRequest: (
    { sender, sizeNotice, resends, clipboard, audit, wake },
    { incremental, x, y, width, height },
  ) => {
    sizeNotice.picturesBegin();
    if (clipboard.beginOnce()) audit.clipboardOffered();
    if (!incremental) resends.ask({ x, y, width, height });
    sender.requested();
    wake();
  },
  enableContinuousUpdates: ({ sender, sizeNotice, wake }, { on }) => {
    sizeNotice.picturesBegin();
    sender.flow.continuous = on;
    if (!on) sender.outbox.message(endOfContinuousUpdates());
    wake();
  },
  fence: ({ sender }, { flags, payload }) => sender.fences.received(flags, payload),
  latencyProbe: ({ sender }, { id }) => sender.probed(id),
  frameStats: ({ reports, capabilities, sender }, { totalTime, renderTime }) => {
    // Deskwire's page measures in microseconds, KasmVNC's in milliseconds.
    const unitUs = capabilities.settings.ours ? 1 : 1000;
    reports.answered({
      allUs: totalTime * unitUs,
      renderUs: renderTime * unitUs,
      pingUs: Math.round((sender.flow.congestion.lastRoundTripMs ?? 0) * 1000),
    });
  },
  setMaxVideoResolution: ({ picture }, { width, height }) => {
    // A size without pixels takes back what the viewer said before.
    picture.maxVideoSize = width > 0 && height > 0 ? { width, height } : undefined;
  },

  key: ({ input }, message) => input.key(message),
  pointer: ({ input, pointed }, message) => {
    input.pointer(message);
    pointed();
  },
  relativeMouse: ({ input, pointed }, message) => {
    input.relativeMouse(message);
    pointed();
  },
  clientCutText: ({ clipboard }, message) => clipboard.takeText(message),
  extendedClipboard: ({ clipboard }, message) => clipboard.take(message),
  binaryClipboard: ({ clipboard }, message) => clipboard.takeItems(message),
  setDesktopSize: ({ resize, mayResize, sizeNotice, capabilities }, { width, height, screens }) => {
    // Deskwire's page writes its scale where other viewers write 0.
    const scalePercent = (capabilities.settings.ours && screens[0]?.flags) || undefined;
    sizeNotice.asked(screens.length);
    if (mayResize) resize({ width, height, scalePercent, screens });
    else sizeNotice.refused(RESIZE_PROHIBITED);
  },

  requestBottleneckStats: ({ kasm }, { type }) => kasm.answer(type),
  networkStats: ({ kasm }, { type }) => kasm.answer(type),
  systemStats: ({ kasm }, { type }) => kasm.answer(type),
  videoCodecs: ({ kasm }, { type }) => kasm.answer(type),
  subscribeRelay: drop,
  relayData: drop,
  udpUpgrade: drop,
  keepAlive: drop,
};

/**
 * Handles a viewer's message. The next one must wait until a returned promise has settled: a viewer that types faster
 * than the desktop takes it waits, and loses nothing. A message that the viewer may not send is dropped; a request for
 * another size is answered all the same, because viewers wait for that.
 */
export function handleMessage(parts: ViewerParts, message: ClientMessage): Promise<void> | undefined {
  const isAllowed = maySend(message.type, parts.rights());
  const taking = isAllowed ? parts.input.whenTaking(message) : undefined;
  // The viewer's rights may be others by then.
  if (taking) return taking.then(() => handleMessage(parts, message));
  parts.audit.message(message.type, isAllowed);
  if (!isAllowed) {
    if (message.type === 'setDesktopSize') parts.sizeNotice.refused(RESIZE_PROHIBITED);
    return undefined;
  }
  const handle = HANDLERS[message.type] as Handler<MessageType>;
  return handle(parts, message) ?? undefined;
}
