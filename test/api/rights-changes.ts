import type { UserChange } from '../../src/accounts/user.ts';
import type { GivenRights } from './rights-doors.ts';

/** Time after the answer within which a change acts on live connections, from the API contract. */
export const ACTS_WITHIN_MS = 100;

export const NONE: GivenRights = { read: false, write: false, owner: false };
export const ALL: GivenRights = { read: true, write: true, owner: true };

interface Change {
  /** The call of the API that makes the change. */
  readonly call: (name: string) => string;
  /** The same for another process with the same user file, such as `deskwire user`. */
  readonly applied: (name: string) => UserChange;
  /** The rights that the user's connections and logins have afterwards. */
  readonly left: GivenRights;
  /** Whether open connections end. */
  readonly ends: boolean;
}

const taken = (right: keyof GivenRights, left: GivenRights): Change => ({
  call: (name) => `update_user?name=${name}&${right}=false`,
  applied: (name) => ({ kind: 'update', name, rights: { [right]: false } }),
  left,
  ends: false,
});

/** What can happen to a user. */
export const CHANGES: Readonly<Record<string, Change>> = {
  // Write implies read, so that it goes as well.
  'read is taken': taken('read', { ...NONE, owner: true }),
  'write is taken': taken('write', { ...ALL, write: false }),
  'owner is taken': taken('owner', { ...ALL, owner: false }),
  'the password is changed': {
    call: (name) => `update_user?name=${name}&password=other`,
    applied: (name) => ({ kind: 'update', name, password: 'other', rights: {} }),
    left: NONE,
    ends: true,
  },
  'the user is removed': {
    call: (name) => `remove_user?name=${name}`,
    applied: (name) => ({ kind: 'remove', name }),
    left: NONE,
    ends: true,
  },
};
