import type { IncomingMessage } from 'node:http';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Caller, Pass } from '../../accounts/pass.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, type Problem } from '../problems/errors.ts';
import { ASSERTION_HEADER, type Assertion, readAssertion } from './edge-assertion.ts';

/** The edge that a desktop of a fleet believes. */
export interface EdgeKey {
  /** Number of this start of the desktop. Assertions for another one are refused. */
  readonly epoch: number;
  /** The secret that the edge signs with. */
  readonly key: string;
}

/** Finds out what a fleet's edge says of requests, and refuses those that have not come by it. */
export class EdgeTrust {
  readonly #edge: EdgeKey;
  readonly #accounts: Pick<Accounts, 'vouch'>;
  readonly #peers: Pick<Peers, 'address'>;
  /** What was read of the requests in progress. */
  readonly #read = new WeakMap<IncomingMessage, Assertion>();

  constructor(edge: EdgeKey, accounts: Pick<Accounts, 'vouch'>, peers: Pick<Peers, 'address'>) {
    this.#edge = edge;
    this.#accounts = accounts;
    this.#peers = peers;
  }

  /** The reason why a request is refused; undefined if it has come by the edge. */
  refusal(request: IncomingMessage): Problem | undefined {
    const { epoch, key } = this.#edge;
    const header = request.headers[ASSERTION_HEADER];
    const assertion = typeof header === 'string' ? readAssertion(header, key) : undefined;
    if (assertion === undefined)
      return refused('It has no assertion that is signed with the key of this desktop.');
    if (assertion.epoch !== epoch) return refused('Its assertion is for another start of this desktop.');
    if (assertion.expiresMs <= Date.now()) return refused('Its assertion has expired.');
    if (assertion.address !== this.#peers.address(request))
      return refused('Its assertion is for a caller at another address.');
    this.#read.set(request, assertion);
    return undefined;
  }

  /** The user whom the edge names, with the rights on this desktop. */
  callerOf(request: IncomingMessage): Caller | undefined {
    const user = this.#read.get(request)?.user;
    if (user === undefined) return undefined;
    const pass: Pass = { kind: 'edge', id: String(this.#edge.epoch), allows: () => true, user: () => caller };
    const caller: Caller = { ...user, pass };
    this.#accounts.vouch(caller);
    return caller;
  }
}

const refused = (detail: string): Problem =>
  httpProblem('HTTP_NOT_BY_EDGE', detail, { headers: { Connection: 'close' } });
