import type { PresentLogin } from '../../http/edge-calls.ts';
import type { Revocation } from '../../http/login/edge-revocations.ts';
import { isLoginGood } from '../logins/fleet-pass.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { concernsRights, grantedTo, NO_RIGHTS, rightsOn } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';
import { changedLogins, revocationFor } from './revocation-for.ts';
import { tellDesktop } from './tell-desktop.ts';
import { ToldDesktop } from './told-desktop.ts';

export interface RightsTellerOptions {
  readonly store: FleetStore;
  /** Whether this host runs a desktop. */
  readonly isOwn: (desktop: Desktop) => boolean;
  /** The Unix socket of a desktop. */
  readonly socketOf: (name: string) => string;
  /** The desktops have been told of all changes of rights that this host knows. */
  readonly onTold: () => void;
}

/**
 * Tells the desktops of a host whose rights have changed, so that they cut off what an edge would let pass that has not
 * heard of it.
 */
export class RightsTeller {
  readonly #options: RightsTellerOptions;
  /** By name and epoch. */
  readonly #told = new Map<string, ToldDesktop>();

  /** Begins with what has changed while no host looked after the desktops that run. */
  constructor(options: RightsTellerOptions) {
    this.#options = options;
    const { store } = options;
    const { version } = store.state;
    for (const desktop of this.#running(store.state))
      this.#of(desktop).tell({ version, users: [], logins: [], all: true });
    store.on('changed', this.#changed);
  }

  /** Version of the state of which all desktops know all changes of rights. */
  get version(): number {
    let version = this.#options.store.state.version;
    for (const { waitsFor } of this.#told.values())
      if (waitsFor !== undefined) version = Math.min(version, waitsFor - 1);
    return version;
  }

  close(): void {
    this.#options.store.off('changed', this.#changed);
    this.#told.clear();
  }

  #changed = (before: FleetState, after: FleetState): void => {
    if (!concernsRights(before, after) && before.desktop === after.desktop) return;
    const changes = changedLogins(before, after);
    let isAnyTold = false;
    for (const desktop of this.#running(after)) {
      const revocation = revocationFor(desktop, changes, before, after);
      if (revocation === undefined) continue;
      isAnyTold = true;
      this.#of(desktop).tell(revocation);
    }
    if (!isAnyTold && concernsRights(before, after)) this.#options.onTold();
  };

  #running({ desktop: desktops }: FleetState): Desktop[] {
    return [...desktops.values()].filter((desktop) => this.#options.isOwn(desktop) && isThere(desktop));
  }

  #of({ name, epoch, key }: Desktop): ToldDesktop {
    const id = `${name} ${epoch}`;
    const known = this.#told.get(id);
    if (known !== undefined) return known;
    const { store, socketOf, onTold } = this.#options;
    const told: ToldDesktop = new ToldDesktop({
      tell: (revocation) => tellDesktop({ epoch, key }, socketOf(name), revocation),
      isThere: () => {
        const now = store.state.desktop.get(name);
        return this.#told.get(id) === told && now !== undefined && now.epoch === epoch && isThere(now);
      },
      judge: (present) => judged(store.state, name, present),
      onTold: () => {
        if (this.#told.get(id) === told) this.#told.delete(id);
        onTold();
      },
    });
    this.#told.set(id, told);
    return told;
  }
}

/** Whether there may be someone at a desktop. */
const isThere = ({ status }: Desktop): boolean => status.state === 'running' || status.state === 'lost';

/** What ends those who are at a desktop and may not be there any more. */
function judged(state: FleetState, name: string, present: readonly PresentLogin[]): Revocation | undefined {
  const desktop = state.desktop.get(name);
  if (desktop === undefined) return undefined;
  const names = new Set<string>();
  const logins = new Set<string>();
  for (const { user, logins: own } of present) {
    if (user === undefined) continue;
    for (const login of own ?? []) if (!isLoginGood(state, user.name, login)) logins.add(login);
    if (state.user.has(user.name)) names.add(user.name);
  }
  const users = [...names].map((user) => {
    const granted = grantedTo(state, user);
    return { name: user, ...(granted === undefined ? NO_RIGHTS : rightsOn(granted, desktop)) };
  });
  return { version: state.version, users, logins: [...logins] };
}
