import type { ByteQueue } from './byte-queue.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  SECURITY_INVALID,
  SECURITY_VENCRYPT,
  SECURITY_VNC,
  VENCRYPT_PLAIN,
  VENCRYPT_X509_PLAIN,
} from './constants.ts';
import { checkLimit, RfbError } from './errors.ts';
import { type Minor, takeVersion, versionOf } from './handshake.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** Bytes of a name or a password at most. No user has longer ones. */
const MAX_CREDENTIAL_BYTES = 1024;
/** Bytes of the challenge of VNC authentication, and of its answer: RFC 6143, 7.2.2. */
export const VNC_CHALLENGE_BYTES = 16;
/** VeNCrypt's version 0.2, which all viewers have: rfbproto, "VeNCrypt". */
const VENCRYPT_VERSION = [0, 2] as const;
const RESULT_OK = 0;
const RESULT_FAILED = 1;

/** How a viewer can say who it is. */
export interface SecurityOffer {
  /** A name and a password of a user: over TLS with the server's certificate, or as they are. */
  readonly plain: 'over TLS' | 'bare';
  /** The challenge of VNC authentication. Undefined: it is not offered. */
  readonly challenge: Uint8Array | undefined;
}

/** What the server has to do next. */
export type SecurityStep =
  /** To wait for more bytes. */
  | { readonly kind: 'more' }
  /** To begin TLS. What is queued belongs to it; `advance` then takes what was encrypted. */
  | { readonly kind: 'startTls' }
  /** To check these. Then comes `accepted` or `refused`. */
  | { readonly kind: 'plain'; readonly name: string; readonly password: string }
  | { readonly kind: 'vnc'; readonly response: Uint8Array }
  /** To end the connection: the viewer supports nothing that is offered. */
  | { readonly kind: 'unsupported'; readonly reason: string };

interface Advance {
  readonly send: Uint8Array<ArrayBuffer>[];
  readonly step: SecurityStep;
}

const NO_COMMON_TYPE =
  'This server asks for a user name and a password by VeNCrypt. This viewer is too old for that; ' +
  'the server can offer VNC passwords, too (--vnc-password-file).';

/**
 * The server's side of RFB's first part, up to who the viewer is: version, security type, VeNCrypt's subtype, and the
 * credentials (RFC 6143, 7.1 and 7.2; rfbproto, "VeNCrypt"). Send `greeting()`, then what `advance` returns. ClientInit
 * follows, which ServerHandshake reads.
 */
export class SecurityHandshake {
  readonly #offer: SecurityOffer;
  #state: 'version' | 'type' | 'vencrypt version' | 'subtype' | 'plain' | 'vnc' | 'over' = 'version';
  #minor: Minor = 8;

  constructor(offer: SecurityOffer) {
    this.#offer = offer;
  }

  greeting(): Uint8Array<ArrayBuffer> {
    return versionOf(8);
  }

  /** Handles the queued bytes. Throws an RfbError for a peer that breaks the protocol. */
  advance(queue: ByteQueue): Advance {
    const send: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const step = this.#next(queue, send);
      if (step !== 'on') return { send, step };
    }
  }

  /** Says that the viewer may go on. */
  accepted(): Uint8Array<ArrayBuffer> {
    return u32(RESULT_OK);
  }

  /** Says why it may not. Viewers before RFB 3.8 are told no reason. */
  refused(reason: string): Uint8Array<ArrayBuffer> {
    return this.#minor === 8 ? withReason(RESULT_FAILED, reason) : u32(RESULT_FAILED);
  }

  #next(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): SecurityStep | 'on' {
    switch (this.#state) {
      case 'version':
        return this.#version(queue, send);
      case 'type':
        return this.#type(queue, send);
      case 'vencrypt version':
        return this.#vencryptVersion(queue, send);
      case 'subtype':
        return this.#subtype(queue, send);
      case 'plain':
        return this.#plain(queue);
      case 'vnc': {
        if (queue.length < VNC_CHALLENGE_BYTES) return { kind: 'more' };
        this.#state = 'over';
        return { kind: 'vnc', response: queue.take(VNC_CHALLENGE_BYTES) };
      }
      case 'over':
        return { kind: 'more' };
    }
  }

  #version(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): SecurityStep | 'on' {
    const minor = takeVersion(queue);
    if (minor === undefined) return { kind: 'more' };
    this.#minor = minor;
    const { challenge } = this.#offer;
    if (minor !== 3) {
      const types = challenge ? [SECURITY_VENCRYPT, SECURITY_VNC] : [SECURITY_VENCRYPT];
      send.push(Uint8Array.of(types.length, ...types));
      this.#state = 'type';
      return 'on';
    }
    // RFB 3.3 has no choice: the server sends the one type, in four bytes.
    if (!challenge) {
      this.#state = 'over';
      send.push(withReason(SECURITY_INVALID, NO_COMMON_TYPE));
      return { kind: 'unsupported', reason: NO_COMMON_TYPE };
    }
    send.push(u32(SECURITY_VNC), challenge.slice());
    this.#state = 'vnc';
    return 'on';
  }

  #type(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): SecurityStep | 'on' {
    if (queue.length < 1) return { kind: 'more' };
    const type = queue.peekU8(0);
    queue.skip(1);
    const { challenge } = this.#offer;
    if (type === SECURITY_VNC && challenge) {
      send.push(challenge.slice());
      this.#state = 'vnc';
    } else if (type === SECURITY_VENCRYPT) {
      send.push(Uint8Array.from(VENCRYPT_VERSION));
      this.#state = 'vencrypt version';
    } else throw new RfbError('RFB_BAD_SECURITY_TYPE', `${type}`);
    return 'on';
  }

  #vencryptVersion(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): SecurityStep | 'on' {
    if (queue.length < 2) return { kind: 'more' };
    const version = [queue.peekU8(0), queue.peekU8(1)];
    queue.skip(2);
    if (version[0] !== VENCRYPT_VERSION[0] || version[1] !== VENCRYPT_VERSION[1]) {
      this.#state = 'over';
      send.push(Uint8Array.of(1));
      return { kind: 'unsupported', reason: `The viewer wants version ${version.join('.')} of VeNCrypt.` };
    }
    const subtypes = 1;
    send.push(new ByteWriter(6).u8(0).u8(subtypes).u32(this.#subtypeOffered).done());
    this.#state = 'subtype';
    return 'on';
  }

  #subtype(queue: ByteQueue, send: Uint8Array<ArrayBuffer>[]): SecurityStep | 'on' {
    if (queue.length < 4) return { kind: 'more' };
    const subtype = queue.peekU32(0);
    queue.skip(4);
    if (subtype !== this.#subtypeOffered) throw new RfbError('RFB_BAD_SECURITY_TYPE', `VeNCrypt ${subtype}`);
    this.#state = 'plain';
    if (this.#offer.plain === 'bare') return 'on';
    const goOn = 1;
    send.push(Uint8Array.of(goOn));
    return { kind: 'startTls' };
  }

  #plain(queue: ByteQueue): SecurityStep {
    if (queue.length < 8) return { kind: 'more' };
    const nameBytes = queue.peekU32(0);
    const passwordBytes = queue.peekU32(4);
    checkLimit('User name', nameBytes, MAX_CREDENTIAL_BYTES);
    checkLimit('Password', passwordBytes, MAX_CREDENTIAL_BYTES);
    if (queue.length < 8 + nameBytes + passwordBytes) return { kind: 'more' };
    queue.skip(8);
    const name = decodeUtf8(queue.take(nameBytes));
    const password = decodeUtf8(queue.take(passwordBytes));
    this.#state = 'over';
    return { kind: 'plain', name, password };
  }

  get #subtypeOffered(): number {
    return this.#offer.plain === 'over TLS' ? VENCRYPT_X509_PLAIN : VENCRYPT_PLAIN;
  }
}

const u32 = (value: number): Uint8Array<ArrayBuffer> => new ByteWriter(4).u32(value).done();

function withReason(result: number, reason: string): Uint8Array<ArrayBuffer> {
  const text = encodeUtf8(reason);
  return new ByteWriter(8 + text.length).u32(result).u32(text.length).bytes(text).done();
}
