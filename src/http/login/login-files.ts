import type { Logger } from 'pino';
import { KnownAddressFile } from './known-address-file.ts';
import type { LoginOptions } from './login.ts';
import { SessionFile } from './session-file.ts';

interface LoginFilePaths {
  /** File that keeps the addresses from which users have logged in. */
  readonly knownAddressesFile?: string;
  /** File that keeps the sessions of pages. */
  readonly sessionsFile?: string;
  readonly log: Logger;
}

/** What of logins outlives a restart. */
export function loginFiles({
  knownAddressesFile,
  sessionsFile,
  log,
}: LoginFilePaths): Pick<LoginOptions, 'knownAddresses' | 'sessions'> {
  const warn = (text: string) => (err: unknown) => log.warn({ err }, text);
  return {
    ...(knownAddressesFile && {
      knownAddresses: new KnownAddressFile(
        knownAddressesFile,
        warn('The addresses of users outlive no restart'),
      ),
    }),
    ...(sessionsFile && {
      sessions: new SessionFile(sessionsFile, warn('The logins of pages outlive no restart')),
    }),
  };
}
