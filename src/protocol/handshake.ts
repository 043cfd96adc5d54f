import type { ByteQueue } from './byte-queue.ts';
import { ByteWriter } from './byte-writer.ts';
import { SECURITY_INVALID, SECURITY_NONE } from './constants.ts';
import { RfbError } from './errors.ts';
import {
  PIXEL_FORMAT_BYTES,
  type PixelFormat,
  parsePixelFormat,
  SERVER_PIXEL_FORMAT,
  writePixelFormat,
} from './pixel-format.ts';
import { decodeLatin1, decodeUtf8, encodeLatin1, encodeUtf8 } from './text.ts';

/** The desktop as ServerInit describes it. */
export interface DesktopDescription {
  readonly width: number;
  readonly height: number;
  readonly name: string;
}

/** The content of ServerInit, for a viewer. */
export interface ServerInit extends DesktopDescription {
  readonly format: PixelFormat;
}

/** Minor versions of RFB that differ on the wire: RFC 6143 section 7.1.1 and appendix A. */
export type Minor = 3 | 7 | 8;

/** "RFB 003.008\n": RFC 6143 section 7.1.1. */
const VERSION_BYTES = 12;
/** SecurityResult: RFC 6143 section 7.1.3. */
const RESULT_OK = 0;
/** ClientInit of a viewer that leaves others connected: RFC 6143 section 7.3.1. */
const SHARED = 1;
/** Longest reason or desktop name, in bytes. Both are texts for people. */
const MAX_TEXT_BYTES = 64 << 10;

export const versionOf = (minor: Minor): Uint8Array<ArrayBuffer> => encodeLatin1(`RFB 003.00${minor}\n`);

/**
 * Reads a version, or returns undefined if its 12 bytes are not there yet. A version in between counts as the next
 * lower one, as the RFC says.
 */
export function takeVersion(queue: ByteQueue): Minor | undefined {
  if (queue.length < VERSION_BYTES) return undefined;
  const text = decodeLatin1(queue.take(VERSION_BYTES));
  const match = /^RFB 003\.(\d{3})\n$/.exec(text);
  if (!match) throw new RfbError('RFB_BAD_VERSION', JSON.stringify(text));
  const minor = Number(match[1]);
  if (minor >= 8) return 8;
  return minor === 7 ? 7 : 3;
}

/**
 * The server's side of the handshake. The carrier has authenticated the viewer already, so it offers only security
 * type None. Send `greeting()`, then what `advance` returns, until it is done. Bytes behind the handshake stay in
 * the queue. It also supports viewers of RFB 3.3 and 3.7. Behind a SecurityHandshake it begins with ClientInit.
 */
export class ServerHandshake {
  readonly #describe: () => DesktopDescription;
  #step: 'version' | 'security' | 'init' | 'done' = 'version';
  #minor: Minor = 8;

  /** `describe` is called when ServerInit is written, because the desktop may be resized until then. */
  constructor(describe: () => DesktopDescription, isSecured = false) {
    this.#describe = describe;
    if (isSecured) this.#step = 'init';
  }

  /** Empty behind a SecurityHandshake, which has sent one. */
  greeting(): Uint8Array<ArrayBuffer> {
    return this.#step === 'init' ? new Uint8Array(0) : versionOf(8);
  }

  /** Handles the queued bytes. Throws RFB_BAD_VERSION or RFB_BAD_SECURITY_TYPE. */
  advance(queue: ByteQueue): { readonly send: Uint8Array<ArrayBuffer>[]; readonly done: boolean } {
    const send: Uint8Array<ArrayBuffer>[] = [];
    if (this.#step === 'version') {
      const minor = takeVersion(queue);
      if (minor === undefined) return { send, done: false };
      this.#minor = minor;
      // RFB 3.3 has no choice: the server sends the one type, in four bytes.
      send.push(minor === 3 ? u32(SECURITY_NONE) : Uint8Array.of(1, SECURITY_NONE));
      this.#step = minor === 3 ? 'init' : 'security';
    }
    if (this.#step === 'security') {
      if (queue.length < 1) return { send, done: false };
      const type = queue.peekU8(0);
      if (type !== SECURITY_NONE) throw new RfbError('RFB_BAD_SECURITY_TYPE', `${type}`);
      queue.skip(1);
      // RFB 3.7 has no SecurityResult after None.
      if (this.#minor === 8) send.push(u32(RESULT_OK));
      this.#step = 'init';
    }
    if (this.#step === 'init') {
      if (queue.length < 1) return { send, done: false };
      // ClientInit's shared flag has no effect: every desktop is shared.
      queue.skip(1);
      send.push(writeServerInit(this.#describe()));
      this.#step = 'done';
    }
    return { send, done: true };
  }
}

/** RFC 6143 section 7.3.2. */
function writeServerInit({ width, height, name }: DesktopDescription): Uint8Array<ArrayBuffer> {
  const text = encodeUtf8(name);
  return new ByteWriter(8 + PIXEL_FORMAT_BYTES + text.length)
    .u16(width)
    .u16(height)
    .bytes(writePixelFormat(SERVER_PIXEL_FORMAT))
    .u32(text.length)
    .bytes(text)
    .done();
}

/**
 * A viewer's side of the handshake, for servers that offer security type None. The server speaks first, so call
 * `advance` as bytes arrive. Bytes behind the handshake stay in the queue.
 *
 * A viewer that foresees that a server of RFB 3.8 offers None sends its choice and ClientInit together with its
 * version, which saves two round trips. What the server offers is checked all the same.
 */
export class ClientHandshake {
  #step: 'version' | 'security' | 'result' | 'reason' | 'init' | 'done' = 'version';
  #minor: Minor = 8;
  readonly #foreseesNone: boolean;
  /** Whether all of the viewer's part has been sent. */
  #isAhead = false;

  constructor({ foreseesNone = false }: { readonly foreseesNone?: boolean } = {}) {
    this.#foreseesNone = foreseesNone;
  }

  /**
   * Handles the queued bytes. `init` is set together with `done`. Throws RFB_BAD_VERSION, RFB_BAD_SECURITY_TYPE or
   * RFB_REFUSED.
   */
  advance(queue: ByteQueue): {
    readonly send: Uint8Array<ArrayBuffer>[];
    readonly done: boolean;
    readonly init?: ServerInit;
  } {
    const send: Uint8Array<ArrayBuffer>[] = [];
    if (this.#step === 'version') {
      const minor = takeVersion(queue);
      if (minor === undefined) return { send, done: false };
      this.#minor = minor;
      this.#isAhead = this.#foreseesNone && minor === 8;
      send.push(this.#isAhead ? Uint8Array.of(...versionOf(minor), SECURITY_NONE, SHARED) : versionOf(minor));
      this.#step = 'security';
    }
    if (this.#step === 'security') {
      if (
        !(this.#minor === 3 ? this.#takeSecurityType(queue, send) : this.#chooseSecurityType(queue, send))
      ) {
        return { send, done: false };
      }
    }
    if (this.#step === 'result') {
      if (queue.length < 4) return { send, done: false };
      const result = queue.peekU32(0);
      queue.skip(4);
      if (result === RESULT_OK) this.#startInit(send);
      else this.#step = 'reason';
    }
    if (this.#step === 'reason') {
      const reason = takeText(queue);
      if (reason === undefined) return { send, done: false };
      throw new RfbError('RFB_REFUSED', reason);
    }
    const init = takeServerInit(queue);
    if (!init) return { send, done: false };
    this.#step = 'done';
    return { send, done: true, init };
  }

  /** RFB 3.3: the server has chosen. Returns false if bytes are missing. */
  #takeSecurityType(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): boolean {
    if (queue.length < 4) return false;
    const type = queue.peekU32(0);
    if (type !== SECURITY_NONE && type !== SECURITY_INVALID) {
      throw new RfbError('RFB_BAD_SECURITY_TYPE', `${type}`);
    }
    queue.skip(4);
    if (type === SECURITY_INVALID) this.#step = 'reason';
    else this.#startInit(send);
    return true;
  }

  /** RFB 3.7 and 3.8: a list to choose from, or an empty list and a reason. Returns false if bytes are missing. */
  #chooseSecurityType(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): boolean {
    if (queue.length < 1 || queue.length < 1 + queue.peekU8(0)) return false;
    const count = queue.peekU8(0);
    const types = queue.copyBytes(1, count);
    queue.skip(1 + count);
    if (count === 0) {
      this.#step = 'reason';
      return true;
    }
    if (!types.includes(SECURITY_NONE)) throw new RfbError('RFB_BAD_SECURITY_TYPE', types.join(', '));
    if (!this.#isAhead) send.push(Uint8Array.of(SECURITY_NONE));
    if (this.#minor === 8) this.#step = 'result';
    else this.#startInit(send);
    return true;
  }

  #startInit(send: Uint8Array<ArrayBuffer>[]): void {
    if (!this.#isAhead) send.push(Uint8Array.of(SHARED));
    this.#step = 'init';
  }
}

function takeServerInit(queue: ByteQueue): ServerInit | undefined {
  const nameAt = 8 + PIXEL_FORMAT_BYTES;
  if (queue.length < nameAt) return undefined;
  const nameLength = queue.peekU32(nameAt - 4);
  checkText(nameLength);
  if (queue.length < nameAt + nameLength) return undefined;
  const init = {
    width: queue.peekU16(0),
    height: queue.peekU16(2),
    format: parsePixelFormat(queue.peekBytes(4, PIXEL_FORMAT_BYTES)),
    name: decodeUtf8(queue.peekBytes(nameAt, nameLength)),
  };
  queue.skip(nameAt + nameLength);
  return init;
}

/** Reads a text with its length before it, or returns undefined if bytes are missing. */
function takeText(queue: ByteQueue): string | undefined {
  if (queue.length < 4) return undefined;
  const length = queue.peekU32(0);
  checkText(length);
  if (queue.length < 4 + length) return undefined;
  queue.skip(4);
  return decodeUtf8(queue.take(length));
}

function checkText(length: number): void {
  if (length > MAX_TEXT_BYTES) throw new RfbError('RFB_MESSAGE_TOO_LARGE', `A text of ${length} bytes.`);
}

const u32 = (value: number): Uint8Array<ArrayBuffer> => new ByteWriter(4).u32(value).done();
