import type { IncomingMessage } from 'node:http';
import { parseSecret } from '../../accounts/bearer-secret.ts';
import type { Caller } from '../../accounts/pass.ts';
import type { Scope } from '../../accounts/scopes.ts';
import type { User } from '../../accounts/user.ts';
import { parseBasic } from '../../http/login/basic-credentials.ts';
import { bearerText } from '../../http/login/bearer-credentials.ts';
import { ticketInvalid, tokenInvalid } from '../../http/login/bearer-problems.ts';
import { loginNeeded } from '../../http/login/challenge.ts';
import type { Login } from '../../http/login/login.ts';
import type { FleetLogins } from '../logins/fleet-logins.ts';
import { desktopRights } from '../logins/fleet-pass.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop } from '../store/fleet-state.ts';
import type { FleetStore } from '../store/store.ts';

/** Someone who may reach a desktop. */
export interface Admitted {
  readonly desktop: Desktop;
  /** The user of the fleet. Undefined for a caller whom only the desktop may know. */
  readonly caller: Caller | undefined;
  /** The same user with the rights on this desktop. */
  readonly user: User | undefined;
  /** What the login is good for. Undefined: everything. */
  readonly scopes: readonly Scope[] | undefined;
  /** Version of the fleet's state in which this was found out. */
  readonly version: number;
}

/** How a request may log in: with what a browser sends by itself, or only with what a page or a program adds. */
export type LoginKind = 'browser' | 'call';

/** Finds out who calls a desktop, and whether the fleet lets them. */
export class EdgeLogin {
  readonly #store: FleetStore;
  readonly #login: Login;
  readonly #logins: Pick<FleetLogins, 'tokens' | 'tickets'>;

  constructor(store: FleetStore, login: Login, logins: Pick<FleetLogins, 'tokens' | 'tickets'>) {
    this.#store = store;
    this.#login = login;
    this.#logins = logins;
  }

  /**
   * Who calls the desktop `name`. A caller who names no user of the fleet may be a user of the desktop, which decides.
   * Throws a Problem, the same one whether there is no such desktop or the user may not know of it.
   */
  async admit(
    name: string,
    request: IncomingMessage,
    kind: LoginKind,
    signal: AbortSignal,
  ): Promise<Admitted> {
    const caller = await this.#callerOf(request, kind, signal);
    const { state } = this.#store;
    const desktop = state.desktop.get(name);
    if (caller !== undefined) return this.admitted(name, caller);
    if (desktop?.status.state !== 'running') throw loginNeeded(request);
    return { desktop, caller, user: undefined, scopes: undefined, version: state.version };
  }

  /** The same, for a caller who has logged in. Throws a Problem. */
  admitted(name: string, caller: Caller): Admitted {
    const { state } = this.#store;
    const desktop = state.desktop.get(name);
    const found = desktop && desktopRights(state, caller, desktop);
    if (desktop === undefined || !found?.rights.read) throw fleetProblem('FLEET_NO_SUCH_DESKTOP');
    const user = { name: caller.name, ...found.viewer };
    return { desktop, caller, user, scopes: found.scopes, version: state.version };
  }

  /** Whether a request names a user of the fleet by its password. */
  namesFleetUser({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    const name = parseBasic(headers.authorization)?.name;
    return name !== undefined && this.#store.state.user.has(name);
  }

  /** Whether a request has what may be a ticket of the fleet. */
  hasTicket(request: IncomingMessage): boolean {
    const text = bearerText(request);
    return text !== undefined && parseSecret('ticket', text) !== undefined;
  }

  /**
   * Whom the ticket that a request carries lets open this desktop, once. Undefined if it is none of the fleet. Throws a
   * Problem if it cannot be used.
   */
  async byTicket(name: string, request: IncomingMessage): Promise<Caller | undefined> {
    const text = bearerText(request) ?? '';
    if (!(await this.#logins.tickets.knows(text))) return undefined;
    const caller = await this.#logins.tickets.take(text, name);
    if (caller === undefined) throw ticketInvalid();
    return caller;
  }

  async #callerOf(
    request: IncomingMessage,
    kind: LoginKind,
    signal: AbortSignal,
  ): Promise<Caller | undefined> {
    if (kind === 'browser') {
      const byTicket = this.#login.byTicket(request);
      if (byTicket !== undefined) return byTicket;
    }
    const bearer = bearerText(request);
    if (bearer !== undefined && this.#logins.tokens.knows(bearer)) return this.#byToken(bearer);
    if (this.namesFleetUser(request)) return this.#login.byOwnPassword(request, signal);
    if (bearer !== undefined || request.headers.authorization !== undefined) return undefined;
    return kind === 'browser' ? this.#login.byCookie(request) : this.#login.bySession(request);
  }

  #byToken(text: string): Caller {
    const pass = this.#logins.tokens.passOf(text);
    const user = pass?.user();
    if (pass === undefined || user === undefined) throw tokenInvalid();
    return { ...user, pass };
  }
}
