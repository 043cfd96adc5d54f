/** What a user may do. `write` implies `read`. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
}

/** A user as the rest of the program sees one: never with a password or its hash. */
export interface User extends Rights {
  readonly name: string;
}

/** One change to the store. A list of them is applied whole or not at all. */
export type UserChange =
  | {
      readonly kind: 'create';
      readonly name: string;
      readonly password: string;
      readonly rights: Partial<Rights>;
      /** Whether a user of that name is replaced (bulk calls) or refused. */
      readonly overwrite: boolean;
    }
  | {
      readonly kind: 'update';
      readonly name: string;
      readonly password?: string | undefined;
      readonly rights: Partial<Rights>;
    }
  | { readonly kind: 'remove'; readonly name: string };

/** What happened to one user, told to whoever holds something for them. */
export interface UserChanged {
  readonly name: string;
  /** The user now, or undefined where it was removed. */
  readonly user: User | undefined;
  /** Whether the password is another one: connections made with the old one end. */
  readonly passwordChanged: boolean;
}
