/** What one check has found. */
export interface Finding {
  /** Subject of the check, in one word. */
  readonly check: string;
  /** `warning`: the server starts, but something will not work, or not for long. `failed`: it does not start. */
  readonly outcome: 'ok' | 'warning' | 'failed';
  /** What was found, for people. */
  readonly detail: string;
  /** What to do about it. Findings that are `ok` have none. */
  readonly remedy?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, outcome: 'ok', detail });

export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  outcome: 'warning',
  detail,
  remedy,
});

export const failed = (check: string, detail: string, remedy: string): Finding => ({
  check,
  outcome: 'failed',
  detail,
  remedy,
});

/** The message of an error, without the line breaks and the full stop at its end. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ').replace(/\.$/, '');
