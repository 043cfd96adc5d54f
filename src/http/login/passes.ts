import type { Accounts } from '../../accounts/accounts.ts';
import type { TokenChange, Tokens } from '../../accounts/tokens.ts';
import type { Audit } from '../../audit/audit.ts';
import { EntryTickets } from './entry-tickets.ts';

/** Tells the session and the audit trail of tokens and tickets that are made and that end. */
export class Passes {
  readonly entryTickets: EntryTickets;
  readonly #session: { passesChanged(): void };
  readonly #tokens: Tokens | undefined;
  readonly #audit: Audit;

  constructor(
    session: { passesChanged(): void },
    accounts: Accounts,
    tokens: Tokens | undefined,
    audit: Audit,
  ) {
    this.#session = session;
    this.#tokens = tokens;
    this.#audit = audit;
    this.entryTickets = new EntryTickets(
      accounts,
      () => performance.now(),
      (what, ticket) => {
        const { id, user, read, write } = ticket;
        audit.record({
          door: 'tokens',
          outcome: 'done',
          what,
          pass: `ticket ${id}`,
          users: [{ user, read, write }],
        });
        if (what === 'ticket revoked') session.passesChanged();
      },
    );
    tokens?.on('changed', this.#onTokens);
  }

  close(): void {
    this.#tokens?.off('changed', this.#onTokens);
  }

  #onTokens = (changes: TokenChange[]): void => {
    for (const { kind, token } of changes) {
      this.#audit.record({
        door: 'tokens',
        outcome: 'done',
        what: kind === 'made' ? 'token made' : 'token ended',
        pass: `token ${token.id}`,
        users: [{ user: token.user }],
      });
    }
    this.#session.passesChanged();
  };
}
