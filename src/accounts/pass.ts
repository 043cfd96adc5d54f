import type { CallScope } from './scopes.ts';
import type { Rights, User } from './user.ts';

/**
 * What lets a caller in, for as long as it lasts: a token, a ticket, the session of a page, or the word of a fleet's
 * edge.
 */
export interface Pass {
  readonly kind: 'token' | 'ticket' | 'session' | 'edge';
  readonly id: string;
  /** Whether a call that needs this scope may be made with it. */
  allows(scope: CallScope): boolean;
  /** The bearer with the rights that are left now. Undefined if the pass has ended. */
  user(): User | undefined;
}

/** A user who has logged in, with the rights that this login leaves. */
export interface Caller extends User {
  /** Undefined for a request that itself has the user's password, and for a login by a proxy. */
  readonly pass?: Pass;
}

/** The rights of someone who has logged in. Those who came with a pass call as an owner only if it opens every call. */
export function rightsWith<Given extends Rights>(rights: Given, pass: Pass | undefined): Given {
  return pass === undefined || pass.allows('admin') ? rights : { ...rights, owner: false };
}

/** Names a pass for the audit trail, such as `token 0123456789abcdef`. */
export const passText = (pass: Pass | undefined): string | undefined => pass && `${pass.kind} ${pass.id}`;

/** The caller's rights at this moment. Undefined if the caller could not log in any more. */
export function callerNow(
  { name, pass }: Pick<Caller, 'name' | 'pass'>,
  accounts: { get(name: string): User | undefined },
): Caller | undefined {
  if (pass === undefined) return accounts.get(name);
  const user = pass.user();
  return user && { ...user, pass };
}
