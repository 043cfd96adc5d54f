import type { LinkTimes } from '../link/kernel-acks.ts';
import type { PacketCounts } from '../link/packet-loss.ts';

/** What the kernel tells of a connection, since it began. */
export type KernelCounts = PacketCounts & LinkTimes;

/**
 * How bytes are put into messages of the carrier. `joined`: with whatever is sent before and after them. `alone`: in
 * messages that hold nothing else; in one message if they are at most 60 KiB.
 */
export type Framing = 'joined' | 'alone';

/** A byte pipe to one viewer, over any protocol. */
export interface ViewerTransport {
  /**
   * Sends a copy of the bytes, in order. RFB does not depend on messages of the carrier, but KasmVNC's page does
   * (docs/protocol.md). A carrier without messages ignores `framing`, which is `joined` by default.
   */
  send(bytes: Uint8Array, framing?: Framing): void;
  /**
   * Sends bytes that stay as they are, in order. They are copied only as the socket takes them: a large clipboard costs
   * no step of the main thread, and waits in memory once for all viewers.
   */
  sendLasting(bytes: Uint8Array): void;
  /** Bytes passed to `send` and `sendLasting` that the socket has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * Packets that carried the bytes to the viewer, or to a proxy before it, and their times. Undefined where the system
   * does not tell. Takes microseconds.
   */
  kernelCounts(): KernelCounts | undefined;
  /** Stops reading from the socket. Bytes that were already read may still arrive: at most one read's worth. */
  pauseReading(): void;
  /** Continues to read from the socket. */
  resumeReading(): void;
  /**
   * Ends the connection once a message that is not whole yet is longer than this. Such a message is kept in memory. It
   * may be longer by what was read with the message before it.
   */
  limitMessages(mostBytes: number): void;
  /** Calls `listener` with each portion of bytes that arrives. Portions have no meaning. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /**
   * Calls `listener` each time that something was read from the socket, after `onData`: with all its bytes, framing
   * included, and the number of messages that ended in them, also of those that the carrier handles itself.
   */
  onRead(listener: (bytes: number, messages: number) => void): void;
  /** Calls `listener` each time that `bufferedBytes` has fallen to 0. */
  onDrain(listener: () => void): void;
  /** Calls `listener` once, when either side has ended the connection. */
  onClose(listener: () => void): void;
  /** Ends the connection. `reason` is sent if the carrier has a place for it. */
  close(reason: string): void;
}
