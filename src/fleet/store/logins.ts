import type { Scope } from '../../accounts/scopes.ts';
import type { Grant } from '../../accounts/user.ts';

/** Which desktops a token is for: one, or those with all of these labels. */
export type Limit = Omit<Grant, 'right'>;

/** A bearer token. Times are milliseconds since 1970. */
export interface FleetToken {
  readonly id: string;
  /** What its maker calls it, for people. */
  readonly name: string;
  readonly user: string;
  readonly scopes: readonly Scope[];
  readonly limit?: Limit;
  readonly createdMs: number;
  readonly expiresMs: number;
  /** SHA-256 of the secret, in hex. */
  readonly digest: string;
  /** The id of the password that the user had when the token was made. The token ends with that password. */
  readonly passwordId: string;
}

/** Whom a ticket lets in: a user of the fleet, or a guest with rights of its own. */
type TicketHolder =
  | { readonly kind: 'user'; readonly name: string; readonly passwordId: string }
  | { readonly kind: 'guest'; readonly name: string; readonly write: boolean };

/** A link that lets a browser open one desktop. */
export interface FleetTicket {
  readonly id: string;
  readonly digest: string;
  readonly desktop: string;
  /** When that desktop was made. Another one of the same name is not opened. */
  readonly desktopMadeMs: number;
  readonly holder: TicketHolder;
  /** The user who made it. It ends when that user owns the desktop no more, or has another password. */
  readonly issuer: string;
  readonly issuerPasswordId: string;
  /** Id of the token with which the issuer called. The ticket ends with it. */
  readonly issuerToken?: string;
  readonly createdMs: number;
  /** When it cannot be used any more. */
  readonly expiresMs: number;
  readonly usesLeft: number;
}

/** Sessions of one user, or of those who came by one ticket, that were logged out before their time. */
export interface Logouts {
  /** The sessions that began at this version of the store or before have all ended. */
  readonly upTo: number;
  /** Ids of others, and when each would have ended anyway. The oldest first. */
  readonly sessions: readonly (readonly [id: string, expiresMs: number])[];
}

/** A key with which edges sign logins. */
export interface SigningKey {
  readonly id: string;
  /** 256 random bits, in base64url. */
  readonly key: string;
  readonly madeMs: number;
}

/** The key that signs, and before it the one that has signed before, which is still good. */
export interface SigningKeys {
  /** Names the fleet. Made with the first key. */
  readonly fleet: string;
  readonly keys: readonly SigningKey[];
}
