import type { Caller } from '../../accounts/pass.ts';
import type { CallScope } from '../../accounts/scopes.ts';
import { httpProblem, type Problem } from '../problems/errors.ts';

/** The challenge of a refused bearer (RFC 6750, 3). */
const challenge = (error: string): { readonly headers: Readonly<Record<string, string>> } => ({
  headers: { 'WWW-Authenticate': `Bearer realm="Deskwire", ${error}` },
});

export function tokenInvalid(): Problem {
  return httpProblem('HTTP_TOKEN_INVALID', undefined, challenge('error="invalid_token"'));
}

export function ticketInvalid(): Problem {
  return httpProblem('HTTP_TICKET_INVALID', undefined, challenge('error="invalid_token"'));
}

/** Throws a Problem if a caller's token lacks the scope. Callers without a token need none. */
export function requireScope({ pass }: Pick<Caller, 'pass'>, scope: CallScope): void {
  if (pass === undefined || pass.allows(scope)) return;
  const detail = `The token needs the scope ${scope}.`;
  throw httpProblem('HTTP_SCOPE_MISSING', detail, challenge(`error="insufficient_scope", scope="${scope}"`));
}
