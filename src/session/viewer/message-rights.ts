import type { Rights } from '../../accounts/user.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';

type MessageType = ClientMessage['type'];

/**
 * Messages that only viewers with the right to write may send: they act on the desktop. The others concern the viewer
 * itself; the session decides by the right to read what such a viewer is sent.
 */
const WRITES: Readonly<Record<MessageType, boolean>> = {
  key: true,
  pointer: true,
  relativeMouse: true,
  clientCutText: true,
  extendedClipboard: true,
  binaryClipboard: true,
  setDesktopSize: true,

  setPixelFormat: false,
  setEncodings: false,
  updateRequest: false,
  enableContinuousUpdates: false,
  fence: false,
  latencyProbe: false,
  frameStats: false,
  setMaxVideoResolution: false,
  requestBottleneckStats: false,
  networkStats: false,
  systemStats: false,
  subscribeRelay: false,
  videoCodecs: false,
  relayData: false,
  udpUpgrade: false,
  keepAlive: false,
};

/**
 * Bytes of one WebSocket message of a viewer that may not write. The WebSocket keeps a message until it is whole, so
 * that this bounds what is kept of a clipboard that will be dropped. A larger value lets such a viewer take more
 * memory; a smaller one would end viewers that send a list of encodings and some text at once.
 */
export const MAX_READER_MESSAGE_BYTES = 1024 * 1024;

/** Whether a viewer with these rights may send such a message. */
export const maySend = (type: MessageType, rights: Rights): boolean => rights.write || !WRITES[type];
