import assert from 'node:assert/strict';
import { ADA, type ContractServer, type Login } from './contract-server.ts';

interface MadeToken {
  readonly id: string;
  readonly token: string;
}

/** Has an owner make a token. */
export async function makeToken(
  server: ContractServer,
  request: { readonly scopes: readonly string[]; readonly user?: string; readonly expires_s?: number },
): Promise<MadeToken> {
  const answer = await server.client(ADA).post('/api/tokens', { name: 'test', ...request });
  assert.equal(answer.status, 200, answer.text());
  return answer.json();
}

interface MadeTicket {
  readonly id: string;
  readonly url: string;
  readonly path: string;
  /** What the page sends to the server. */
  readonly ticket: string;
}

/** Has an owner make a ticket. */
export async function makeTicket(
  server: ContractServer,
  request: Readonly<Record<string, unknown>>,
): Promise<MadeTicket> {
  const answer = await server.client(ADA).post('/api/tickets', request);
  assert.equal(answer.status, 200, answer.text());
  const made = answer.json();
  return { ...made, ticket: made.url.split('#ticket=')[1] };
}

/** A login with a token. */
export const bearing = (token: string): Login => {
  return { name: '', password: '', headers: { authorization: `Bearer ${token}` } };
};

/** Uses a ticket as the page does. Returns a login with the cookie that it brings. */
export async function enter(server: ContractServer, ticket: string): Promise<Login> {
  const answer = await server.client(bearing(ticket)).post('/ticket', undefined);
  assert.equal(answer.status, 200, answer.text());
  const [cookie = ''] = answer.headers['set-cookie']?.[0]?.split(';') ?? [];
  return { name: '', password: '', headers: { cookie } };
}

/** Asks with a login for a ticket of a WebSocket. Returns the status. */
export async function entersWith(server: ContractServer, login: Login): Promise<number> {
  return (await server.client(login).post('/ticket', undefined)).status;
}
