import { isValidName, MAX_NAME_LENGTH } from '../../accounts/account-changes.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import { AccountsError } from '../../accounts/errors.ts';
import {
  type EntryTicket,
  type EntryTickets,
  MAX_TICKET_LIFE_S,
  MAX_TICKET_USES,
  type TicketHolder,
} from '../../http/login/entry-tickets.ts';
import { type Call, DONE, defineCall, done, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';
import { timestamp } from './timestamp.ts';

/** Life of a ticket in s if none is given. A longer one gives someone who finds a link more time. */
export const DEFAULT_TICKET_LIFE_S = 60;

export const ORIGIN = /^https?:\/\/[^/]*/;

export const NewTicket = Type.Object({
  user: Type.Optional(
    Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: 'The user who is logged in' }),
  ),
  guest: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_NAME_LENGTH,
      description:
        'Instead of `user`: the name of a guest, who is in no user list and appears as `guest:NAME`',
    }),
  ),
  read: Type.Optional(Type.Boolean({ description: 'Of a guest: may see the desktop. Default: true' })),
  write: Type.Optional(
    Type.Boolean({ description: 'Of a guest: may control mouse and keyboard. Default: false' }),
  ),
  expires_s: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_TICKET_LIFE_S,
      description: `Seconds for which the URL logs in. Default: ${DEFAULT_TICKET_LIFE_S}`,
    }),
  ),
  uses: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_TICKET_USES, description: 'Logins with the URL. Default: 1' }),
  ),
});

export const listedTicket = {
  id: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  user: Type.String({ description: 'Who is logged in. A guest is `guest:NAME`' }),
  read: Type.Boolean(),
  write: Type.Boolean(),
  expires: Type.String({
    description: '`YYYY-MM-DD HH:MM:SS`, UTC',
    pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$',
  }),
  uses_left: Type.Integer({ minimum: 0, maximum: MAX_TICKET_USES }),
};
const MadeTicket = Type.Object({
  url: Type.String({ description: 'For the browser, below the address that this call was sent to' }),
  path: Type.String({ description: 'The same without scheme and host' }),
  ...listedTicket,
});

/** The calls that make, list and revoke tickets, with which a site logs browsers in. */
export function ticketCalls(tickets: EntryTickets, accounts: Pick<Accounts, 'get'>): Call[] {
  const holderOf = ({ user, guest, read, write }: HolderFields): TicketHolder => {
    if ((user === undefined) === (guest === undefined))
      throw apiProblem('API_TICKET_HOLDER', 'Give either "user" or "guest".');
    if (guest !== undefined) {
      if (!isValidName(guest)) throw new AccountsError('ACCOUNTS_NAME_INVALID');
      return {
        kind: 'guest',
        name: guest,
        rights: { read: write === true || (read ?? true), write: write === true },
      };
    }
    if (read !== undefined || write !== undefined)
      throw apiProblem(
        'API_TICKET_HOLDER',
        'A user has the rights of the account; give "read" and "write" for guests.',
      );
    const account = accounts.get(user ?? '');
    if (account === undefined) throw new AccountsError('ACCOUNTS_NO_SUCH_USER');
    return { kind: 'user', user: account };
  };
  return [
    defineCall({
      method: 'GET',
      path: '/tickets',
      scope: 'tickets',
      summary: 'List the tickets that can be revoked',
      description: 'Also used and expired ones, because those who logged in with them may still be there.',
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: {
          description: 'Oldest first',
          content: { 'application/json': Type.Array(Type.Object(listedTicket)) },
        },
      },
      handle: () => json(tickets.list().map(shown)),
    }),
    defineCall({
      method: 'POST',
      path: '/tickets',
      scope: 'tickets',
      summary: 'Make a URL that logs a browser in',
      changes: true,
      parameters: Type.Object({}),
      body: NewTicket,
      answers: { 200: { description: 'The ticket', content: { 'application/json': MadeTicket } } },
      handle: ({ body, user: issuer, pass: issuerPass, baseUrl }) => {
        const { expires_s: expiresS = DEFAULT_TICKET_LIFE_S, uses = 1, ...holder } = body;
        // An owner who logs out of the page does not end the links.
        const lasting = issuerPass?.kind === 'session' ? undefined : issuerPass;
        const made = tickets.issue({
          holder: holderOf(holder),
          issuer,
          issuerPass: lasting,
          expiresS,
          uses,
        });
        if (made === undefined) throw apiProblem('API_TICKETS_FULL');
        // Behind the `#`, the browser sends the ticket to no server and no proxy, so that no log has it.
        const url = `${baseUrl()}/login.html#ticket=${made.text}`;
        return json({ url, path: url.replace(ORIGIN, ''), ...shown(made.ticket) });
      },
    }),
    defineCall({
      method: 'DELETE',
      path: '/tickets/{id}',
      scope: 'tickets',
      place: Type.Object({ id: Type.String({ description: 'As `GET /api/tickets` lists it' }) }),
      summary: 'Revoke a ticket',
      description: 'Logs out those who have logged in with it, too.',
      changes: true,
      parameters: Type.Object({}),
      answers: DONE,
      handle: ({ place }) => {
        if (!tickets.revoke(place.id)) throw apiProblem('API_NO_SUCH_TICKET');
        return done();
      },
    }),
  ];
}

interface HolderFields {
  readonly user?: string;
  readonly guest?: string;
  readonly read?: boolean;
  readonly write?: boolean;
}

const shown = ({ id, user, read, write, expires, usesLeft }: EntryTicket) => {
  return { id, user, read, write, expires: timestamp(expires), uses_left: usesLeft };
};
