/** Exit status for a command line that cannot be understood. All other errors have 1. */
const USAGE_STATUS = 2;
/** Exit status that a shell reports for a program ended by Ctrl-C. */
const INTERRUPTED_STATUS = 130;

const USAGE_CODES: ReadonlySet<string> = new Set([
  'CFG_UNKNOWN_FLAG',
  'CFG_FLAG_NEEDS_VALUE',
  'CFG_FLAG_TAKES_NO_VALUE',
  'CFG_UNEXPECTED_ARGUMENT',
  'CLI_UNKNOWN_COMMAND',
  'CLI_NAME_MISSING',
  'CLI_TOKEN_MISSING',
  'CLI_TOKEN_USER_MISSING',
  'CLI_SCOPE_UNKNOWN',
  'CLI_LIFE_INVALID',
  'CLI_OPTION_INVALID',
  'CLI_NO_URL',
  'CLI_LOGIN_MISSING',
]);

/** Advice for codes whose message does not say what to do. */
const ADVICE: Readonly<Record<string, string>> = {
  CFG_UNKNOWN_FLAG: 'See deskwire --help.',
  CFG_UNEXPECTED_ARGUMENT: 'See deskwire --help.',
  CFG_CERT_WITHOUT_KEY: 'Give --cert and --key together, or neither: then a pair is made.',
  DESKTOP_NO_DISPLAY: 'Start that X server first, or leave --display out: then one is started.',
  CLI_UNKNOWN_COMMAND: 'See deskwire --help.',
  CLI_NAME_MISSING: 'See deskwire user --help.',
  CLI_TOKEN_MISSING: 'See deskwire token --help.',
  CLI_TOKEN_USER_MISSING: 'See who is there with deskwire user list.',
  CLI_SCOPE_UNKNOWN: 'See deskwire token --help.',
  CLI_LIFE_INVALID: 'See deskwire token --help.',
  CLI_PASSWORD_MISSING:
    'Type it in a terminal, or pipe it in: printf %s "$PASSWORD" | deskwire user passwd NAME',
  CLI_NO_URL: 'Give --url or DESKWIRE_URL; on the machine of the fleet, --data finds it.',
  CLI_LOGIN_MISSING:
    'Give DESKWIRE_TOKEN or --token-file; or --user and DESKWIRE_PASSWORD, --password-file or a terminal to type in.',
  CLI_UNTRUSTED: 'Give --ca FILE with the cert.pem of the fleet; on its machine, --data finds it.',
  CLI_NOT_AS_ASKED: 'See why with deskwire desktop show NAME and deskwire desktop logs NAME.',
  HTTP_LOGIN_NEEDED: 'Check --user and the password, or the token.',
  SDK_UNREACHABLE: 'Check --url, and whether the fleet runs.',
  SDK_TIMED_OUT: 'Check --url, and whether the fleet runs.',
  FLEET_NO_SUCH_DESKTOP: 'See which there are with deskwire desktop list.',
  FLEET_CAPACITY: 'End a desktop, or start the fleet with a larger --capacity.',
  FLEET_STORE_UNAVAILABLE: 'Check that the database runs and can be reached from here. See docs/fleet.md.',
  FLEET_STORE_BROKEN: 'See docs/fleet.md.',
  CFG_STORE: 'It is such as postgres://deskwire@db1,db2/deskwire. See docs/fleet.md.',
  AUDIT_UNWRITABLE: 'Check who may write there, or name another file with --audit-log.',
  ACCOUNTS_USER_EXISTS: 'Change the password with deskwire user passwd NAME.',
  ACCOUNTS_NO_SUCH_USER: 'See who is there with deskwire user list.',
  ACCOUNTS_NO_SUCH_TOKEN: 'See which there are with deskwire token list.',
  ACCOUNTS_LAST_OWNER: 'Make another user an owner first.',
  ACCOUNTS_STORE_UNREADABLE: 'Check who may read it, or choose another folder with --data.',
  ACCOUNTS_STORE_UNWRITABLE: 'Check who may write there, or choose another folder with --data.',
};

/** End of a failed command: text for standard error, and exit status. */
export interface ErrorReport {
  readonly text: string;
  readonly status: number;
}

/**
 * Errors whose stack is printed, for debugging Deskwire itself. 'none' if `--log-level debug` would show it; 'all';
 * or 'unexpected', for commands without that flag: only those of unexpected errors.
 */
export type StacksOf = 'none' | 'all' | 'unexpected';

/** Describes the error and what to do about it. */
export function reportError(error: unknown, stacksOf: StacksOf): ErrorReport {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isUnexpected = code === undefined;
  const lines = [`deskwire: ${message}${isUnexpected ? '' : ` (${code})`}`];
  const advice = isUnexpected ? adviceOnStacks(stacksOf) : ADVICE[code];
  if (advice !== undefined) lines.push(`  ${advice}`);
  const withStack = stacksOf === 'all' || (stacksOf === 'unexpected' && isUnexpected);
  if (withStack && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return { text: `${lines.join('\n')}\n`, status: statusOf(code) };
}

const adviceOnStacks = (stacksOf: StacksOf): string | undefined =>
  stacksOf === 'none' ? 'Run it again with --log-level debug to see where.' : undefined;

function statusOf(code: string | undefined): number {
  if (code === 'CLI_INTERRUPTED') return INTERRUPTED_STATUS;
  return code !== undefined && USAGE_CODES.has(code) ? USAGE_STATUS : 1;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
