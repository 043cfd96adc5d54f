import type { ServerResponse } from 'node:http';
import type { Accounts } from '../accounts/accounts.ts';
import { AccountsError } from '../accounts/errors.ts';
import type { Pass } from '../accounts/pass.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { User, UserChanged } from '../accounts/user.ts';
import type { Sessions } from './login/sessions.ts';

interface RunningCall {
  readonly abort: AbortController;
  readonly pass: Pass | undefined;
  readonly response: ServerResponse;
}

/**
 * The owners' calls in progress. A call is aborted when its user is removed, gets another password, or is no longer an
 * owner, and when its token or session ends. If its answer is being sent, the rest is not.
 */
export class RunningCalls {
  readonly #accounts: Accounts;
  readonly #tokens: Tokens | undefined;
  readonly #sessions: Pick<Sessions, 'on' | 'off'> | undefined;
  /** The calls of each user. */
  readonly #calls = new Map<string, Set<RunningCall>>();

  constructor(accounts: Accounts, tokens?: Tokens, sessions?: Pick<Sessions, 'on' | 'off'>) {
    this.#accounts = accounts;
    this.#tokens = tokens;
    this.#sessions = sessions;
    accounts.on('changed', this.#onChanged);
    tokens?.on('changed', this.#onPasses);
    sessions?.on('ended', this.#onPasses);
  }

  close(): void {
    this.#accounts.off('changed', this.#onChanged);
    this.#tokens?.off('changed', this.#onPasses);
    this.#sessions?.off('ended', this.#onPasses);
  }

  /**
   * Begins a call of a user who has just logged in. It ends with its response. Aborts `abort`, which also aborts when
   * the caller goes away, with ACCOUNTS_CALLER_CHANGED when the user loses the right to call. Throws that error if the
   * user has lost it since the login.
   */
  begin(user: User, response: ServerResponse, abort: AbortController, pass?: Pass): void {
    // A caller that has gone would never end the call.
    abort.signal.throwIfAborted();
    if (!this.#accounts.isStillOwner(user) || hasEnded(pass))
      throw new AccountsError('ACCOUNTS_CALLER_CHANGED');
    const call = { abort, response, pass };
    const own = this.#calls.get(user.name) ?? new Set();
    this.#calls.set(user.name, own.add(call));
    response.once('close', () => {
      own.delete(call);
      if (own.size === 0 && this.#calls.get(user.name) === own) this.#calls.delete(user.name);
    });
  }

  #onChanged = (changes: UserChanged[]): void => {
    for (const { name, user, passwordChanged } of changes) {
      if (user?.owner === true && !passwordChanged) continue;
      const calls = this.#calls.get(name);
      this.#calls.delete(name);
      for (const call of calls ?? []) end(call);
    }
  };

  #onPasses = (): void => {
    for (const calls of this.#calls.values()) {
      for (const call of [...calls]) {
        if (!hasEnded(call.pass)) continue;
        calls.delete(call);
        end(call);
      }
    }
  };
}

const hasEnded = (pass: Pass | undefined): boolean => pass !== undefined && pass.user() === undefined;

function end({ abort, response }: RunningCall): void {
  abort.abort(new AccountsError('ACCOUNTS_CALLER_CHANGED'));
  // A picture on its way to a slow reader.
  if (response.headersSent && !response.writableFinished) response.destroy();
}
