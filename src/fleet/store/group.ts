import type { Grant } from '../../accounts/user.ts';

/** Grants that several users have. Which users is said by the users. */
export interface FleetGroup {
  readonly name: string;
  /** Whether its members are admins. */
  readonly admin: boolean;
  readonly grants: readonly Grant[];
}
