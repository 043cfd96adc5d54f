import { userInfo } from 'node:os';
import type { NamedUser } from '../audit/audit.ts';
import { openAudit } from '../audit/open-audit.ts';
import type { Config } from '../config/config.ts';

/**
 * Carries out a change of a user and records it in the audit trail, as done or as refused. `what` is the command, such
 * as `user add`. A trail that cannot be written does not stop the change, unless a file was named for it.
 */
export async function recordChange<T>(
  config: Pick<Config, 'auditLog' | 'data'>,
  what: string,
  named: NamedUser,
  change: () => Promise<T>,
): Promise<T> {
  const { auditLog, data } = config;
  const audit = await openAudit({
    auditLog,
    data,
    onProblem: (error) => process.stderr.write(`deskwire: the audit trail: ${String(error)}\n`),
  });
  const entry = { door: 'cli', what, user: systemUser(), users: [named] } as const;
  try {
    const result = await change();
    audit.record({ ...entry, outcome: 'done' });
    return result;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    audit.record({ ...entry, outcome: 'refused', code });
    throw error;
  } finally {
    await audit.close();
  }
}

/** The account that runs the command. */
function systemUser(): string {
  try {
    const { uid, username } = userInfo();
    return `${username} (uid ${uid})`;
  } catch {
    // The account has no entry in /etc/passwd.
    return `uid ${process.getuid?.()}`;
  }
}
