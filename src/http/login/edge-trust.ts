import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Caller, Pass } from '../../accounts/pass.ts';
import { allows } from '../../accounts/scopes.ts';
import type { Peers } from '../origin/peers.ts';
import { httpProblem, type Problem } from '../problems/errors.ts';
import { ASSERTION_HEADER, type Assertion, readAssertion } from './edge-assertion.ts';
import { type EdgeLogin, EdgeRevocations, type Revocation } from './edge-revocations.ts';

/** The edge that a desktop of a fleet believes. */
export interface EdgeKey {
  /** Number of this start of the desktop. Assertions for another one are refused. */
  readonly epoch: number;
  /** The secret that the edge signs with. */
  readonly key: string;
}

/**
 * Finds out what a fleet's edge says of requests, and refuses those that have not come by it. Emits `ended` when the
 * host says that some who are here may not be any more.
 */
export class EdgeTrust extends EventEmitter<{ ended: [] }> {
  readonly #edge: EdgeKey;
  readonly #accounts: Pick<Accounts, 'vouch'>;
  readonly #peers: Pick<Peers, 'address'>;
  /** What was read of the requests in progress. */
  readonly #read = new WeakMap<IncomingMessage, Assertion>();
  readonly #bySocket = new WeakMap<Socket, EdgeLogin>();
  readonly #revocations = new EdgeRevocations();

  constructor(edge: EdgeKey, accounts: Pick<Accounts, 'vouch'>, peers: Pick<Peers, 'address'>) {
    super();
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
    const revoked = this.#revocations.refusal(assertion);
    if (revoked === 'ended') return refused('The login that its assertion names has ended.');
    if (revoked === 'behind') return behind();
    this.#read.set(request, assertion);
    return undefined;
  }

  /** Whether the host of the desktop itself sends a request. */
  isHost(request: IncomingMessage): boolean {
    return this.#read.get(request)?.isHost === true;
  }

  /** The user whom the edge names, with the rights on this desktop. */
  callerOf(request: IncomingMessage): Caller | undefined {
    const assertion = this.#read.get(request);
    const user = assertion?.user;
    if (assertion === undefined || user === undefined) return undefined;
    const login: EdgeLogin = { ...assertion, hasEnded: this.#revocations.refusal(assertion) !== undefined };
    this.#enter(request.socket, login);
    const { scopes } = assertion;
    const pass: Pass = {
      kind: 'edge',
      id: String(this.#edge.epoch),
      allows: (scope) => scopes === undefined || allows(scopes, scope),
      user: () => (login.hasEnded ? undefined : caller),
    };
    const caller: Caller = { ...user, pass };
    this.#accounts.vouch(caller);
    return caller;
  }

  /** Each viewer and each call in progress has a connection of its own. */
  #enter(socket: Socket, login: EdgeLogin): void {
    const before = this.#bySocket.get(socket);
    if (before === undefined) socket.once('close', () => this.#revocations.left(this.#bySocket.get(socket)!));
    else this.#revocations.left(before);
    this.#bySocket.set(socket, login);
    this.#revocations.entered(login);
  }

  /** Ends what the host says has ended. Returns those who are here. */
  revoke(revocation: Revocation): EdgeLogin[] {
    if (this.#revocations.revoke(revocation)) this.emit('ended');
    return [...this.#revocations.live].filter(({ hasEnded }) => !hasEnded);
  }
}

const refused = (detail: string): Problem =>
  httpProblem('HTTP_NOT_BY_EDGE', detail, { headers: { Connection: 'close' } });

/** The page connects again, maybe by another edge. */
const behind = (): Problem =>
  httpProblem('HTTP_EDGE_BEHIND', undefined, { headers: { Connection: 'close', 'Retry-After': '1' } });
