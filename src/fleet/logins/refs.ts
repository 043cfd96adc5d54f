/** What a session began with. */
export type LoginRef =
  | { readonly by: 'password'; readonly passwordId: string }
  | { readonly by: 'ticket'; readonly id: string };

/** A session of a page. */
export interface SessionRef {
  readonly by: 'session';
  readonly id: string;
  readonly user: string;
  /** Version of the store at which it began. */
  readonly began: number;
  readonly login: LoginRef;
}

/** Names what lets a caller in, so that every edge finds it in the store. */
export type PassRef =
  | SessionRef
  | { readonly by: 'token'; readonly id: string }
  | { readonly by: 'ticket'; readonly id: string };
