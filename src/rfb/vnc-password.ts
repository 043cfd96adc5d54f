import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/errors.ts';
import { VNC_CHALLENGE_BYTES } from '../protocol/security.ts';

/** Bytes of a password that VNC authentication uses: its key. Viewers ignore what follows. */
const MAX_BYTES = 8;
/** Bytes of a file at most. No real password is as long. */
const MAX_FILE_BYTES = 4096;
/** The key with which all VNC programs hide the passwords in their files. It keeps nothing secret. */
const FILE_KEY = Uint8Array.of(23, 82, 107, 6, 35, 78, 88, 7);
/** A file of vncpasswd has the password, and maybe one for viewing only. */
const HIDDEN_FILE_BYTES = [MAX_BYTES, 2 * MAX_BYTES];

/** The password of VNC authentication (RFC 6143, 7.2.2). */
export interface VncPassword {
  /** A new challenge for a viewer. */
  challenge(): Uint8Array;
  /** What a viewer that knows the password answers. */
  answer(challenge: Uint8Array): Uint8Array;
  /** Whether a viewer that was sent this challenge knows the password. */
  isRight(challenge: Uint8Array, response: Uint8Array): boolean;
}

export interface ReadVncPassword {
  readonly password: VncPassword;
  readonly warnings: readonly string[];
}

/** Reads a file with a VNC password: its first line, or a file of vncpasswd. Throws ConfigError. */
export function readVncPassword(path: string): ReadVncPassword {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw unusable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (bytes.length > MAX_FILE_BYTES) throw unusable(path, 'it is too large');
  const text = isHidden(bytes) ? unhidden(bytes) : firstLine(bytes);
  if (text.length === 0) throw unusable(path, 'it has no password in its first line');
  const warnings =
    text.length > MAX_BYTES
      ? [`VNC passwords have ${MAX_BYTES} bytes: the rest of that in ${path} is ignored.`]
      : [];
  return { password: vncPassword(text), warnings };
}

/** Makes a VNC password of its bytes. */
export function vncPassword(text: Uint8Array): VncPassword {
  const key = new Uint8Array(MAX_BYTES);
  key.set(text.subarray(0, MAX_BYTES));
  return {
    challenge: () => randomBytes(VNC_CHALLENGE_BYTES),
    answer: (challenge) => encrypt(key, challenge),
    isRight: (challenge, response) => timingSafeEqual(encrypt(key, challenge), response),
  };
}

/** The answer to a challenge, encrypted by DES with the password as its key. */
function encrypt(key: Uint8Array, challenge: Uint8Array): Buffer {
  const cipher = createCipheriv('des-ede3-ecb', desKey(key), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

/** A file of vncpasswd has 8 or 16 bytes, of which hardly ever all are characters. */
function isHidden(bytes: Buffer): boolean {
  return HIDDEN_FILE_BYTES.includes(bytes.length) && bytes.some((byte) => byte < 0x20 || byte > 0x7e);
}

function unhidden(bytes: Buffer): Uint8Array {
  const decipher = createDecipheriv('des-ede3-ecb', desKey(FILE_KEY), null).setAutoPadding(false);
  const text = Buffer.concat([decipher.update(bytes.subarray(0, MAX_BYTES)), decipher.final()]);
  const end = text.indexOf(0);
  return end < 0 ? text : text.subarray(0, end);
}

function firstLine(bytes: Buffer): Uint8Array {
  const line = bytes.toString('latin1').split(/\r?\n/, 1)[0]!;
  return Buffer.from(line, 'latin1');
}

/**
 * VNC uses each byte of a key with its bits in the other order. OpenSSL has left only triple DES, which is DES if its
 * three keys are equal.
 */
function desKey(bytes: Uint8Array): Uint8Array {
  const mirrored = bytes.map((byte) => {
    let bits = 0;
    for (let i = 0; i < 8; i++) bits = (bits << 1) | ((byte >> i) & 1);
    return bits;
  });
  return Buffer.concat([mirrored, mirrored, mirrored]);
}

function unusable(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(
    'CFG_VNC_PASSWORD',
    `The file ${path} of --vnc-password-file cannot be used: ${why}.`,
    {
      cause,
    },
  );
}
