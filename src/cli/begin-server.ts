import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { takeOwnerPassword } from '../config/secrets.ts';
import { OWNER_PASSWORD_FD_ENV } from '../config/variables.ts';
import { createLog } from './log.ts';
import { readOwnerPassword } from './owner-password.ts';

/** What a command that runs a server begins with. */
export interface BegunServer {
  readonly config: Config;
  readonly log: Logger;
  /** Reads the first owner's password. Undefined if the user has given none. */
  readonly ownerPassword: () => Promise<string | undefined>;
}

/** Reads the settings, and takes the first owner's password out of the environment. Throws ConfigError. */
export function beginServer(values: Parameters<typeof loadConfig>[0]): BegunServer {
  const fromEnv = takeOwnerPassword(process.env);
  const { config, warnings } = loadConfig(values, process.env, process.cwd());
  // The descriptor is closed when it has been read.
  delete process.env[OWNER_PASSWORD_FD_ENV];
  const log = createLog(config.logLevel, process.stderr);
  const warn = (some: readonly string[]): void => {
    for (const warning of some) log.warn(warning);
  };
  warn(warnings);
  return {
    config,
    log,
    ownerPassword: async () => {
      const { password, warnings } = await readOwnerPassword(config, fromEnv);
      warn(warnings);
      return password;
    },
  };
}
