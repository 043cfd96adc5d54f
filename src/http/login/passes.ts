import type { Accounts } from '../../accounts/accounts.ts';
import type { TokenChange, Tokens } from '../../accounts/tokens.ts';
import type { Audit } from '../../audit/audit.ts';
import { EntryTickets } from './entry-tickets.ts';
import type { Sessions } from './sessions.ts';

/** Tells the session of tokens, tickets and logins of pages that end, and the audit trail of tokens and tickets. */
export class Passes {
  readonly entryTickets: EntryTickets;
  readonly #session: { passesChanged(): void };
  readonly #tokens: Tokens | undefined;
  readonly #pages: Pick<Sessions, 'on' | 'off'>;
  readonly #audit: Audit;

  constructor(
    session: { passesChanged(): void },
    accounts: Accounts,
    tokens: Tokens | undefined,
    pages: Pick<Sessions, 'on' | 'off'>,
    audit: Audit,
  ) {
    this.#session = session;
    this.#tokens = tokens;
    this.#pages = pages;
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
    pages.on('ended', this.#onEnded);
  }

  close(): void {
    this.#tokens?.off('changed', this.#onTokens);
    this.#pages.off('ended', this.#onEnded);
  }

  #onEnded = (): void => this.#session.passesChanged();

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
