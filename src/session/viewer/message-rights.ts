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

/** Whether a viewer with these rights may send such a message. */
export const maySend = (type: MessageType, rights: Rights): boolean => rights.write || !WRITES[type];
