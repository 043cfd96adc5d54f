import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../accounts/pass.ts';
import type { Rights, User } from '../../accounts/user.ts';
import { parseBasic } from '../../http/login/basic-credentials.ts';
import { loginNeeded } from '../../http/login/challenge.ts';
import type { Login } from '../../http/login/login.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';

/** Someone who may reach a desktop. */
export interface Admitted {
  readonly desktop: Desktop;
  /** The user of the fleet. Undefined for a caller whom only the desktop may know. */
  readonly caller: Caller | undefined;
  /** The same user with the rights on this desktop. */
  readonly user: User | undefined;
}

/** How a request may log in: with what a browser sends by itself, or only with what a page or a program adds. */
export type LoginKind = 'browser' | 'call';

/** Finds out who calls a desktop, and whether the fleet lets them. */
export class EdgeLogin {
  readonly #store: FleetStore;
  readonly #login: Login;

  constructor(store: FleetStore, login: Login) {
    this.#store = store;
    this.#login = login;
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
    const desktop = this.#store.state.desktop.get(name);
    if (caller === undefined) {
      if (desktop?.status.state !== 'running') throw loginNeeded(request);
      return { desktop, caller, user: undefined };
    }
    const rights = desktop && this.rightsOf(caller.name, desktop);
    if (desktop === undefined || !rights?.read) throw fleetProblem('FLEET_NO_SUCH_DESKTOP');
    return { desktop, caller, user: { name: caller.name, ...rights } };
  }

  /** Whether a request names a user of the fleet by its password. */
  namesFleetUser({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    const name = parseBasic(headers.authorization)?.name;
    return name !== undefined && this.#store.state.user.has(name);
  }

  /** What a user of the fleet may do with a desktop now. Undefined if there is no such user. */
  rightsOf(name: string, desktop: Pick<Desktop, 'name' | 'labels'>): Rights | undefined {
    const user = this.#store.state.user.get(name);
    return user && rightsOn(user, desktop);
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
    if (this.namesFleetUser(request)) return this.#login.byOwnPassword(request, signal);
    if (request.headers.authorization !== undefined) return undefined;
    return kind === 'browser' ? this.#login.byCookie(request) : this.#login.bySession(request);
  }
}
