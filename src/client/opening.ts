import type { Refusal } from './api/refusal.ts';
import { fetchTicket, type LoggedIn, socketUrl } from './ticket.ts';

/** A WebSocket to a desktop. */
export interface OpenedSocket {
  readonly socket: WebSocket;
  /** Whether the server has given a ticket for it, as only our own does. */
  readonly hasTicket: boolean;
  /** Events that came before there was a handler for them, in order. */
  readonly events: readonly Event[];
}

/** The way to a connection, up to its WebSocket. */
export type Opening =
  | ({ readonly kind: 'opened'; readonly loggedIn: LoggedIn | undefined } & OpenedSocket)
  | ({ readonly kind: 'refused' } & Refusal);

/**
 * Asks for a ticket, and opens the WebSocket with it. Resolves with undefined if `isWanted` says meanwhile that the
 * caller has no more use for it.
 */
export async function openDesktop(
  baseUrl: URL,
  token?: string,
  isWanted: () => boolean = () => true,
): Promise<Opening | undefined> {
  const answer = await fetchTicket(baseUrl, token);
  if (!isWanted()) return undefined;
  if (answer.kind === 'refused') return answer;
  const socket = new WebSocket(socketUrl(baseUrl, answer), ['binary']);
  socket.binaryType = 'arraybuffer';
  const events: Event[] = [];
  const keep = (event: Event): void => {
    events.push(event);
  };
  socket.onopen = keep;
  socket.onmessage = keep;
  socket.onclose = keep;
  const hasTicket = answer.kind === 'ticket';
  return { kind: 'opened', loggedIn: hasTicket ? answer.loggedIn : undefined, socket, hasTicket, events };
}
