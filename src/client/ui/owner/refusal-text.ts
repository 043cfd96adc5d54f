import type { ApiError } from '../../api/call-api.ts';
import { ownerTextsOf } from '../../text/owner-texts.ts';
import { isolated } from './phrase.ts';

const text = ownerTextsOf('refusal');

/** Names that a sentence repeats. More do not fit into the panel. */
const MOST_NAMES = 5;

/** The sentence for each of the server's codes that an owner can do something about. docs/errors.md has all codes. */
export const SENTENCES: Readonly<Record<string, Parameters<typeof text>[0]>> = {
  ACCOUNTS_USER_EXISTS: 'userExists',
  ACCOUNTS_NO_SUCH_USER: 'userGone',
  ACCOUNTS_LAST_OWNER: 'lastOwner',
  ACCOUNTS_NAME_INVALID: 'nameInvalid',
  ACCOUNTS_PASSWORD_INVALID: 'passwordInvalid',
  ACCOUNTS_NO_SUCH_TOKEN: 'tokenGone',
  ACCOUNTS_TOKEN_NAME_INVALID: 'tokenNameInvalid',
  ACCOUNTS_TOKENS_FULL: 'full',
  ACCOUNTS_USER_TOKENS_FULL: 'full',
  ACCOUNTS_CALLER_CHANGED: 'notOwner',
  ACCOUNTS_BUSY: 'busy',
  ACCOUNTS_STORE_UNWRITABLE: 'disk',
  ACCOUNTS_STORE_FULL: 'disk',
  ACCOUNTS_STORE_LOCKED: 'busy',
  API_TEXT_INVALID: 'lineInvalid',
  API_TICKETS_FULL: 'full',
  API_NO_SUCH_TICKET: 'ticketGone',
  API_TIMED_OUT: 'busy',
  HTTP_NOT_OWNER: 'notOwner',
  HTTP_SCOPE_MISSING: 'notOwner',
  HTTP_LOGIN_NEEDED: 'loginNeeded',
  HTTP_TOKEN_INVALID: 'loginNeeded',
  HTTP_TOO_MANY_LOGINS: 'busy',
  SESSION_NO_SUCH_CLIENT: 'viewerGone',
};

/** Says in the page's language why a call was refused, and what to do. */
export function refusalText({ status, code, message, entries }: ApiError): string {
  if (status === undefined) return text('unreachable');
  const existing = entries.filter((entry) => entry.code === 'ACCOUNTS_USER_EXISTS');
  if (existing.length > 1) {
    const names = existing.slice(0, MOST_NAMES).map(({ user }) => isolated(user));
    return text('usersExist', { users: `${names.join(', ')}${existing.length > MOST_NAMES ? ', …' : ''}` });
  }
  // One entry may be refused for another reason than the call itself has.
  const known = SENTENCES[entries[0]?.code ?? code] ?? SENTENCES[code];
  if (known !== undefined) return text(known);
  return status === 503 ? text('busy') : text('other', { detail: message || String(status) });
}
