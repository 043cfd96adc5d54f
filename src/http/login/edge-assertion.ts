import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../../accounts/scopes.ts';
import type { User } from '../../accounts/user.ts';

/**
 * Header in which a fleet's edge says who sends a request that it passes on. The edge takes it out of what callers
 * send.
 */
export const ASSERTION_HEADER = 'deskwire-edge';

/**
 * Time in ms for which an assertion is valid. A larger value gives more time to a program that has read one; with a
 * smaller one, requests to a desktop that stands still for a while are refused.
 */
export const ASSERTION_LIFE_MS = 30_000;

/** Bytes of a header that are read: a name of 127 characters takes up to 1 KiB in it. */
const MAX_HEADER_BYTES = 4096;

/** Who sends a request, as the edge has found out. */
export interface AssertedLogin {
  /** The user with the rights on this desktop. Undefined: the edge knows none, and the desktop asks for a login. */
  readonly user: User | undefined;
  /** What the user's login is good for. Undefined: everything that the rights allow. */
  readonly scopes?: readonly Scope[] | undefined;
  /** Names what the login depends on. It ends with the first of them. */
  readonly logins?: readonly string[];
  /** Version of the fleet's state in which the edge has found this. By default one before the first. */
  readonly version?: number;
}

/** What an edge says of one request. */
export interface Assertion extends AssertedLogin {
  /** Whether the host of the desktop sends it, which alone may say what has ended. Edges never sign this. */
  readonly isHost?: true;
  /** The address that the request came from. */
  readonly address: string;
  /** The start of the desktop that the request is for. */
  readonly epoch: number;
  /** Time of `Date.now()` at which the assertion ends. */
  readonly expiresMs: number;
}

/** Writes an assertion as a header's value: its JSON, and a MAC of that under the desktop's key. */
export function writeAssertion(assertion: Assertion, key: string): string {
  const text = Buffer.from(JSON.stringify(assertion)).toString('base64url');
  return `${text}.${macOf(text, key).toString('base64url')}`;
}

/** Reads an assertion. Undefined unless it was made with this key. */
export function readAssertion(header: string, key: string): Assertion | undefined {
  const [text = '', mac = ''] = header.split('.');
  if (header.length > MAX_HEADER_BYTES) return undefined;
  const given = Buffer.from(mac, 'base64url');
  const right = macOf(text, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  // Whoever has the key wrote it, so that its form is right.
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Assertion;
}

const macOf = (text: string, key: string): Buffer => createHmac('sha256', key).update(text).digest();
