/**
 * The doors: every way to reach the desktop, its users or the server. The audit trail has lines for each of them.
 * docs/audit.md lists the same.
 */
export const DOORS = {
  server: 'The server started or stopped, or lines of the trail are missing.',
  login: 'A user was recognised by password, cookie or proxy, or a login was refused.',
  page: "The page's files.",
  websocket: "A viewer's connection was opened, refused or closed.",
  rfb: "A viewer's connection to the RFB port was opened, refused or closed.",
  api: 'A call of the developer API: screenshots, downloads, measurements and changes of users.',
  tokens: 'A token or a ticket was made, or has ended.',
  users: 'Users were added, changed or removed, by whatever means.',
  input: "A viewer's keys, pointer and wheel.",
  clipboard: 'The clipboard, to and from a viewer.',
  resize: "A viewer's request for another size of the desktop.",
  kasm: "A viewer's message for a feature of KasmVNC that the server lacks.",
  http: 'A request for an address that nothing has, or bytes that are no request.',
  cli: 'A change by the commands `deskwire user` and `deskwire token`.',
} as const;

export type Door = keyof typeof DOORS;

/** A user that a change names, and what the change gives. It never has the password itself. */
export interface NamedUser {
  readonly user: string;
  readonly read?: boolean;
  readonly write?: boolean;
  readonly owner?: boolean;
  /** The password is, or was, replaced. */
  readonly password?: true;
  readonly removed?: true;
}

/** What happened at a door. It has neither content, such as keys and texts, nor passwords. */
export interface AuditEntry {
  readonly door: Door;
  readonly outcome: 'done' | 'refused';
  /** Why it was refused: an error code of docs/errors.md. */
  readonly code?: string | undefined;
  /** The user who acts. Undefined if none has logged in. */
  readonly user?: string | undefined;
  /** The user whose name a refused login gave. Undefined if there is no such user: it may be a mistyped password. */
  readonly claims?: string | undefined;
  /** The token or ticket with which the user acts, or that was made or has ended: its kind and its id. */
  readonly pass?: string | undefined;
  /** Address from which the user acts. */
  readonly address?: string | undefined;
  /** Id of the viewer's connection, as `get_sessions` lists it. */
  readonly connection?: string | undefined;
  /** The call, the kind of message, or what happened to the connection. Never text of the caller's choice. */
  readonly what?: string | undefined;
  /** The users that a change names. */
  readonly users?: readonly NamedUser[];
}

/** Takes what happens at the doors. Returns at once and never throws. */
export interface Audit {
  record(entry: AuditEntry): void;
}

/** Records nothing. */
export const NO_AUDIT: Audit = { record: () => undefined };
