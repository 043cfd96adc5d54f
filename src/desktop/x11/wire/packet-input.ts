import { DesktopError } from '../../errors.ts';

/** Bytes of a packet's fixed part. Replies and generic events state how many words follow it. */
const PACKET_BYTES = 32;
const MORE_WORDS_AT = 4;

/** Kinds of packets: their first byte, without the bit of events that another client sent. */
export const ERROR = 0;
export const REPLY = 1;
const GENERIC_EVENT = 35;
const SENT_BIT = 0x80;

/**
 * Bytes that are read at a time at least. With fewer a large reply takes more reads, with more the memory is replaced
 * before it is full.
 */
const LEAST_ROOM_BYTES = 16 * 1024;

/**
 * Bytes of the longest packet: a cursor of 2,000 × 2,000 pixels. All of a packet is kept until it is whole. Programs of
 * the desktop can take the place of its X server, and with a larger value they can take more of our memory.
 */
export const MOST_PACKET_BYTES = 16 * 1024 * 1024;

export const kindOf = (packet: Uint8Array): number => packet[0]! & ~SENT_BIT;

/** Bytes of a whole packet, by its first 8. Throws `DESKTOP_X_ERROR` if they are more than `mostBytes`. */
export function packetBytes(head: Buffer, mostBytes: number): number {
  const kind = kindOf(head);
  const moreWords = kind === REPLY || kind === GENERIC_EVENT ? head.readUInt32LE(MORE_WORDS_AT) : 0;
  const bytes = PACKET_BYTES + moreWords * 4;
  if (bytes > mostBytes) throw new DesktopError('DESKTOP_X_ERROR', `a packet of ${bytes} bytes`);
  return bytes;
}

/**
 * Memory that a connection reads into, and the packets in it (X protocol, "Encoding"). Packets are views of the memory.
 * They keep their bytes until the next read, even after `room` was called for it: Node.js calls that before the code
 * that waits for a reply goes on.
 */
export class PacketInput {
  readonly #bytes: number;
  #memory: Buffer;
  #start = 0;
  #end = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#memory = Buffer.allocUnsafeSlow(bytes);
  }

  /** Returns the memory for the next read. */
  room(): Buffer {
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
      // A large reply made it grow.
      if (this.#memory.length > this.#bytes) this.#memory = Buffer.allocUnsafeSlow(this.#bytes);
      return this.#memory;
    }
    if (this.#memory.length - this.#end < LEAST_ROOM_BYTES) this.#makeRoom();
    return this.#memory.subarray(this.#end);
  }

  /** Counts bytes that were read into `room`. */
  filled(bytes: number): void {
    this.#end += bytes;
  }

  /** Takes the next packet if all of it has been read. Throws `DESKTOP_X_ERROR` if it is longer than any we ask for. */
  take(): Buffer | undefined {
    const head = this.peek(PACKET_BYTES);
    return head && this.takeBytes(packetBytes(head, MOST_PACKET_BYTES));
  }

  /** Takes this many bytes if they have been read. */
  takeBytes(bytes: number): Buffer | undefined {
    const taken = this.peek(bytes);
    if (taken) this.#start += bytes;
    return taken;
  }

  /** Returns the next bytes without taking them. */
  peek(bytes: number): Buffer | undefined {
    return this.#end - this.#start < bytes
      ? undefined
      : this.#memory.subarray(this.#start, this.#start + bytes);
  }

  /** Moves an unfinished packet to new memory, half of which is free: packets taken before are in the old one. */
  #makeRoom(): void {
    const rest = this.#memory.subarray(this.#start, this.#end);
    let bytes = this.#bytes;
    while (bytes < rest.length * 2) bytes *= 2;
    this.#memory = Buffer.allocUnsafeSlow(bytes);
    this.#memory.set(rest);
    this.#end = rest.length;
    this.#start = 0;
  }
}
