import type { Accounts } from '../../accounts/accounts.ts';
import type { KeptLogins } from '../../http/login/sessions.ts';
import type { FleetStore } from '../store/store.ts';
import { FleetTickets } from './fleet-tickets.ts';
import { FleetTokens } from './fleet-tokens.ts';
import { LoginKeys } from './login-keys.ts';
import { SignedCookies } from './signed-cookies.ts';
import { SignedSessions } from './signed-sessions.ts';
import { SignedTickets } from './signed-tickets.ts';

/** The logins of a fleet. All edges have the same, because all that has to be kept is in the store. */
export interface FleetLogins {
  readonly kept: KeptLogins;
  readonly tokens: FleetTokens;
  readonly tickets: FleetTickets;
  close(): void;
}

interface FleetLoginOptions {
  readonly store: FleetStore;
  readonly accounts: Pick<Accounts, 'passwordIdOf'>;
  /** Called with errors outside of calls. */
  readonly onProblem: (error: unknown) => void;
}

export async function openFleetLogins(options: FleetLoginOptions): Promise<FleetLogins> {
  const { store, accounts, onProblem } = options;
  const keys = await LoginKeys.open(store, onProblem);
  const signed = { store, keys, accounts };
  const tokens = new FleetTokens(store);
  return {
    kept: {
      id: `fleet ${keys.fleet}`,
      sessions: new SignedSessions(signed),
      cookies: new SignedCookies(signed),
      tickets: new SignedTickets(signed),
    },
    tokens,
    tickets: new FleetTickets(store),
    close: () => {
      tokens.close();
      keys.close();
    },
  };
}
