/** Rights of a user. `write` implies `read`. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
}

/** What a user of a fleet may do with one desktop, or with all that have these labels. */
export interface Grant {
  readonly right: 'read' | 'write' | 'owner';
  readonly desktop?: string;
  /** Such as `class=7b`. */
  readonly labels?: readonly string[];
}

/** A user without the password and its hash, for the rest of the program. */
export interface User extends Rights {
  readonly name: string;
}

/** One change to the store. A list of changes is applied as a whole or not at all. */
export type UserChange =
  | {
      readonly kind: 'create';
      readonly name: string;
      readonly password: string;
      readonly rights: Partial<Rights>;
      /** In a fleet. */
      readonly grants?: readonly Grant[] | undefined;
      /** In a fleet. */
      readonly groups?: readonly string[] | undefined;
      /** Whether an existing user of that name is replaced, as in bulk calls. Otherwise the change is refused. */
      readonly overwrite: boolean;
    }
  | {
      readonly kind: 'update';
      readonly name: string;
      readonly password?: string | undefined;
      readonly rights: Partial<Rights>;
      /** Replaces those that the user has. */
      readonly grants?: readonly Grant[] | undefined;
      /** Replaces those that the user is in. */
      readonly groups?: readonly string[] | undefined;
    }
  | { readonly kind: 'remove'; readonly name: string };

/** A change to one user, for listeners that keep something for the user. */
export interface UserChanged {
  readonly name: string;
  /** The user after the change. Undefined if removed. */
  readonly user: User | undefined;
  /** Whether there was no user of this name before. Undefined means that there was one. */
  readonly isNew?: true;
  /** Whether the password changed. Connections made with the old one are then closed. */
  readonly passwordChanged: boolean;
}
