import { OWNER_PASSWORD_ENV } from './variables.ts';

/**
 * Removes the first owner's password from the environment and returns it, so that no program started later inherits
 * it.
 */
export function takeOwnerPassword(env: Record<string, string | undefined>): string | undefined {
  const password = env[OWNER_PASSWORD_ENV];
  delete env[OWNER_PASSWORD_ENV];
  return password === '' ? undefined : password;
}
