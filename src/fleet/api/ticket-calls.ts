import { DEFAULT_TICKET_LIFE_S, listedTicket, NewTicket, ORIGIN } from '../../api/calls/tickets.ts';
import { timestamp } from '../../api/calls/timestamp.ts';
import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { apiProblem } from '../../api/contract/errors.ts';
import { Type } from '../../api/contract/schema.ts';
import type { FleetTickets } from '../logins/fleet-tickets.ts';
import type { FleetTicket } from '../store/logins.ts';
import { CONFIRMED, type ConfirmOptions, Confirms, confirmation } from './confirm.ts';

const desktop = Type.String({ minLength: 1, maxLength: 40, description: 'The desktop that it opens' });
const { read: _read, ...fields } = NewTicket.properties;
const NewFleetTicket = Type.Object({ desktop, ...fields });
const { read: _reads, write, ...listed } = listedTicket;
const ListedTicket = Type.Object({ desktop, ...listed, write: Type.Optional(write) });
const MadeTicket = Type.Object({
  url: Type.String({ description: 'For the browser, below the address that this call was sent to' }),
  path: Type.String({ description: 'The same without scheme and host' }),
  ...ListedTicket.properties,
});

/** The calls that make, list and revoke tickets, with which a site has browsers open one desktop of a fleet. */
export function ticketCalls(tickets: FleetTickets, options: ConfirmOptions): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/tickets',
      scope: 'tickets',
      summary: 'List the tickets that the caller may revoke',
      description: 'Also used and expired ones, because those who logged in with them may still be there.',
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: { description: 'Oldest first', content: { 'application/json': Type.Array(ListedTicket) } },
      },
      handle: ({ user }) => json(tickets.listFor(user).map(shown)),
    }),
    defineCall({
      method: 'POST',
      path: '/tickets',
      scope: 'tickets',
      summary: 'Make a URL with which a browser opens one desktop',
      description:
        'An owner of the desktop makes it for guests, and for itself; an admin for every user. It is used at any edge, but no more often than it says.',
      changes: true,
      parameters: Type.Object({}),
      body: NewFleetTicket,
      answers: { 200: { description: 'The ticket', content: { 'application/json': MadeTicket } } },
      handle: async ({ body, user: caller, baseUrl }) => {
        const { desktop, user, guest, write = false, uses = 1 } = body;
        const { expires_s: expiresS = DEFAULT_TICKET_LIFE_S } = body;
        if (user !== undefined && guest !== undefined)
          throw apiProblem('API_TICKET_HOLDER', 'Give either "user" or "guest".');
        if (guest === undefined && body.write !== undefined)
          throw apiProblem(
            'API_TICKET_HOLDER',
            'A user has the rights of the grants; give "write" for guests.',
          );
        const made = await tickets.create({ desktop, user, guest, write, expiresS, uses }, caller);
        // Behind the `#`, the browser sends the ticket to no server and no proxy, so that no log has it.
        const url = `${baseUrl()}/d/${desktop}/login.html#ticket=${made.text}`;
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
      parameters: Confirms,
      answers: { 200: CONFIRMED, 204: { description: 'The ticket is not valid any more' } },
      handle: async ({ place, parameters, user, signal }) => {
        if (!(await tickets.revoke(place.id, user))) throw apiProblem('API_NO_SUCH_TICKET');
        return confirmation(options, parameters, signal, { status: 204 });
      },
    }),
  ];
}

const shown = ({ id, desktop, holder, expiresMs, usesLeft }: FleetTicket) => ({
  ...{ id, desktop, user: holder.kind === 'guest' ? `guest:${holder.name}` : holder.name },
  ...(holder.kind === 'guest' && { write: holder.write }),
  ...{ expires: timestamp(new Date(expiresMs)), uses_left: usesLeft },
});
