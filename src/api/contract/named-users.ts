import type { NamedUser } from '../../audit/audit.ts';

/** The fields of parameters and of a list's entries that name a user and what the user is given. */
interface Named {
  readonly user?: string;
  readonly read?: boolean;
  readonly write?: boolean;
  readonly owner?: boolean;
  readonly password?: string;
}

/** The users that a call names, for the audit trail. Leaves out passwords. Undefined if the call names none. */
export function namedUsers(parameters: object, body: readonly unknown[]): NamedUser[] | undefined {
  const { name, ...given } = parameters as Named & { readonly name?: string };
  const entries = name === undefined ? (body as readonly Named[]) : [{ ...given, user: name }];
  // A list may be of other things than users.
  if (entries[0]?.user === undefined) return undefined;
  return entries.map(({ user = '', read, write, owner, password }) => ({
    ...{ user, read, write, owner },
    ...(password !== undefined && { password: true }),
  }));
}
