import { BoundedMap } from '../../common/bounded-map.ts';
import {
  type Balance,
  type Budget,
  balanceAt,
  fullBalance,
  msUntil,
  withOneLess,
  withOneMore,
} from './budget-rules.ts';

/**
 * Budgets that are remembered, about 300 bytes each, 1.5 KB with the longest names. A larger number takes memory. With a smaller one, a guesser with
 * many addresses makes the server forget sooner. Each login adds three at most, and costs a check of 25 ms.
 */
const MAX_BUDGETS = 20_000;

/** A budget that was spent, and is not full yet. */
interface SpentBudget {
  readonly name: string | undefined;
  readonly address: string | undefined;
  /** Failed logins since the budget was full, and those that are being checked. */
  readonly failures: number;
  /** Time in ms until the budget is full, if no more logins fail. */
  readonly fullInMs: number;
}

/** Which budgets are meant. What is left out may be anything. */
export interface BudgetFilter {
  readonly name?: string | undefined;
  readonly address?: string | undefined;
}

interface Entry {
  readonly budget: Budget;
  balance: Balance;
}

/**
 * Keeps the budgets for failed logins. A login takes its tokens before its password is checked, so that logins in
 * progress count as failures until they succeed.
 */
export class LoginBudgets {
  readonly #nowMs: () => number;
  readonly #entries = new BoundedMap<string, Entry>(MAX_BUDGETS);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Time in ms until each of these budgets has a token. */
  waitMs(budgets: readonly Budget[]): number {
    return Math.max(...budgets.map((budget) => msUntil(1, this.#balance(budget), budget.rule)));
  }

  /** Takes a token of each of these budgets. Returns false, and takes none, if one is spent. */
  take(budgets: readonly Budget[]): boolean {
    if (this.waitMs(budgets) > 0) return false;
    for (const budget of budgets) {
      this.#entries.set(budget.key, { budget, balance: withOneLess(this.#balance(budget)) });
    }
    return true;
  }

  /** Gives the tokens of a login back that was not wrong. */
  giveBack(budgets: readonly Budget[]): void {
    for (const { key, rule } of budgets) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.balance = withOneMore(entry.balance, rule);
    }
  }

  /** The budgets that were spent and are not full yet. */
  spent(): SpentBudget[] {
    const found: SpentBudget[] = [];
    for (const [, { budget }] of this.#entries) {
      const balance = this.#balance(budget);
      if (!balance.wasSpent) continue;
      const { name, address, rule } = budget;
      found.push({
        name,
        address,
        failures: balance.failures,
        fullInMs: msUntil(rule.capacity, balance, rule),
      });
    }
    return found;
  }

  /** Fills all budgets that the filter means. Returns the number of those that were spent. */
  fill({ name, address }: BudgetFilter): number {
    let count = 0;
    for (const [key, { budget }] of this.#entries) {
      if (name !== undefined && budget.name !== name) continue;
      if (address !== undefined && budget.address !== address) continue;
      if (this.#balance(budget).wasSpent) count++;
      this.#entries.delete(key);
    }
    return count;
  }

  #balance({ key, rule }: Budget): Balance {
    const nowMs = this.#nowMs();
    const entry = this.#entries.get(key);
    if (entry === undefined) return fullBalance(rule, nowMs);
    entry.balance = balanceAt(entry.balance, rule, nowMs);
    return entry.balance;
  }
}
