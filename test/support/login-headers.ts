/** A user with a password, or another way to log in as that user. */
export interface TestLogin {
  readonly name: string;
  readonly password: string;
  /** Sent in place of the password, such as a token or a cookie. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers that log a user in. */
export function loginHeaders({ name, password, headers }: TestLogin): Readonly<Record<string, string>> {
  return headers ?? { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}
