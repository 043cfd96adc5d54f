/** Bytes of a packet's fixed part. Replies and generic events state how many words follow it. */
const PACKET_BYTES = 32;
const MORE_WORDS_AT = 4;

/** Kinds of packets: their first byte, without the bit of events that another client sent. */
export const ERROR = 0;
export const REPLY = 1;
const GENERIC_EVENT = 35;
const SENT_BIT = 0x80;

/**
 * Bytes that are read at a time at least. With fewer a large reply takes more reads, with more the memory is copied to
 * another place before it is full.
 */
const LEAST_ROOM_BYTES = 16 * 1024;

export const kindOf = (packet: Uint8Array): number => packet[0]! & ~SENT_BIT;

/** Memory that a connection reads into, and the packets in it (X protocol, "Encoding"). */
export class PacketInput {
  #memory: Buffer;
  #start = 0;
  #end = 0;

  constructor(bytes: number) {
    this.#memory = Buffer.allocUnsafeSlow(bytes);
  }

  /** Returns the memory for the next read. Packets taken before must not be used any more. */
  room(): Buffer {
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
      return this.#memory;
    }
    if (this.#memory.length - this.#end < LEAST_ROOM_BYTES) this.#makeRoom();
    return this.#memory.subarray(this.#end);
  }

  /** Counts bytes that were read into `room`. */
  filled(bytes: number): void {
    this.#end += bytes;
  }

  /** Takes the next packet if all of it has been read. */
  take(): Buffer | undefined {
    if (this.#end - this.#start < PACKET_BYTES) return undefined;
    const kind = this.#memory[this.#start]! & ~SENT_BIT;
    const hasMore = kind === REPLY || kind === GENERIC_EVENT;
    const moreWords = hasMore ? this.#memory.readUInt32LE(this.#start + MORE_WORDS_AT) : 0;
    return this.takeBytes(PACKET_BYTES + moreWords * 4);
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

  /** Moves an unfinished packet to the beginning, and doubles the memory if the packet fills most of it. */
  #makeRoom(): void {
    const rest = this.#memory.subarray(this.#start, this.#end);
    if (rest.length > this.#memory.length / 2) this.#memory = Buffer.allocUnsafeSlow(this.#memory.length * 2);
    this.#memory.set(rest);
    this.#end = rest.length;
    this.#start = 0;
  }
}
