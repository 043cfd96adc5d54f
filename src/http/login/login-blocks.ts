import type { Accounts } from '../../accounts/accounts.ts';
import { addressBlock } from '../../common/address-block.ts';
import type { BudgetFilter, LoginBudgets } from './login-budgets.ts';

/** Failed logins that make others wait. */
interface LoginBlock {
  /** The user whose logins wait. Undefined: those of all names. */
  readonly user: string | undefined;
  /** The address, or the /64 of IPv6, whose logins wait. Undefined: all addresses. */
  readonly address: string | undefined;
  /** Failed logins since none counted any more, with those that are being checked. */
  readonly failures: number;
  /** When no failure counts any more, if no further login fails. */
  readonly until: Date;
}

/** Shows owners which failed logins make others wait, and ends the wait. */
export class LoginBlocks {
  readonly #budgets: LoginBudgets;
  readonly #accounts: Accounts;

  constructor(budgets: LoginBudgets, accounts: Accounts) {
    this.#budgets = budgets;
    this.#accounts = accounts;
  }

  /** Leaves names out that no user has, because a mistyped name may be a password. */
  list(): LoginBlock[] {
    const now = Date.now();
    return this.#budgets
      .spent()
      .filter(({ name }) => name === undefined || this.#accounts.get(name) !== undefined)
      .map(({ name, address, failures, fullInMs }) => {
        return { user: name, address, failures, until: new Date(now + fullInMs) };
      });
  }

  /** Ends the blocks of a user, of an address, of both together, or all. Returns how many there were. */
  clear({ name, address }: BudgetFilter): number {
    return this.#budgets.fill({ name, address: address && addressBlock(address) });
  }
}
