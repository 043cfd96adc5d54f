import { hostname } from 'node:os';
import findCookie from 'x11/lib/auth.js';
import { DesktopError } from '../../errors.ts';

const COOKIE_PROTOCOL = 'MIT-MAGIC-COOKIE-1';
const LITTLE_ENDIAN = 0x6c;
const PROTOCOL_MAJOR = 11;

/** Status byte of the server's answer: the connection is accepted. */
const ACCEPTED = 1;

/** Bytes of the answer before the part whose length it states at LENGTH_AT, in words. */
export const SETUP_HEADER_BYTES = 8;
const LENGTH_AT = 6;

/** Fields of an accepted setup (X protocol, "Connection Setup"). */
const RESOURCE_BASE_AT = 12;
const RESOURCE_MASK_AT = 16;
const VENDOR_LENGTH_AT = 24;
const FORMATS_AT = 29;
const VENDOR_AT = 40;
const FORMAT_BYTES = 8;

export interface Setup {
  /** The root window of the first screen. */
  readonly root: number;
  readonly resourceBase: number;
  readonly resourceMask: number;
}

/** Reads the cookie of a display of this machine from XAUTHORITY or ~/.Xauthority; empty if there is none. */
export function readCookie(displayNumber: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    findCookie(displayNumber, hostname(), undefined, (error, found) => {
      if (error) reject(error);
      else resolve(Buffer.from(found.authName === COOKIE_PROTOCOL ? found.authData : '', 'latin1'));
    });
  });
}

/** Returns the first message to the server. An empty cookie stands for no authorization. */
export function setupRequest(cookie: Uint8Array): Uint8Array {
  const name = Buffer.from(cookie.length > 0 ? COOKIE_PROTOCOL : '');
  const header = Buffer.alloc(12);
  header[0] = LITTLE_ENDIAN;
  header.writeUInt16LE(PROTOCOL_MAJOR, 2);
  header.writeUInt16LE(name.length, 6);
  header.writeUInt16LE(cookie.length, 8);
  return Buffer.concat([header, padded(name), padded(cookie)]);
}

/** Bytes of the server's whole answer, from its header. */
export const setupBytes = (header: Buffer): number => SETUP_HEADER_BYTES + header.readUInt16LE(LENGTH_AT) * 4;

/** Parses the server's whole answer. Throws `DESKTOP_NO_DISPLAY` if the server refuses the connection. */
export function parseSetup(answer: Buffer, display: string): Setup {
  if (answer[0] !== ACCEPTED) {
    const reason = answer.toString('latin1', SETUP_HEADER_BYTES, SETUP_HEADER_BYTES + answer[1]!).trim();
    throw new DesktopError('DESKTOP_NO_DISPLAY', display, { cause: new Error(reason) });
  }
  const vendorBytes = Math.ceil(answer.readUInt16LE(VENDOR_LENGTH_AT) / 4) * 4;
  const screenAt = VENDOR_AT + vendorBytes + answer[FORMATS_AT]! * FORMAT_BYTES;
  return {
    root: answer.readUInt32LE(screenAt),
    resourceBase: answer.readUInt32LE(RESOURCE_BASE_AT),
    resourceMask: answer.readUInt32LE(RESOURCE_MASK_AT),
  };
}

/** Adds zeros up to a whole number of words. */
export function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}
