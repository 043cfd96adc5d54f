/** The only place a password is taken from: flags are seen by everybody in the process list, and files are kept. */
export const OWNER_PASSWORD_ENV = 'DESKWIRE_OWNER_PASSWORD';

/** Takes the first owner's password out of the environment, so that no program started later inherits it. */
export function takeOwnerPassword(env: Record<string, string | undefined>): string | undefined {
  const password = env[OWNER_PASSWORD_ENV];
  delete env[OWNER_PASSWORD_ENV];
  return password === '' ? undefined : password;
}
