/**
 * Asks the npm registry for known vulnerabilities of the locked packages (`npm audit`). Passes, and says so, if the
 * registry gives no report: whether a change is sound must not depend on a network or on a service of others.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { LOCKED_FOLDERS } from './lock-files.ts';

/**
 * Longest wait for the registry, in milliseconds. A larger value delays the check without a network; a smaller one
 * skips the question on slow links.
 */
const LIMIT_MS = 20_000;

/** Severities that fail the check. Advisories of low severity are printed by `npm audit` alone. */
const FAILING: ReadonlySet<string> = new Set(['moderate', 'high', 'critical']);

export type Advice =
  | { readonly kind: 'clean' }
  | { readonly kind: 'vulnerable'; readonly lines: readonly string[] }
  /** The registry gave no answer, or none that is a report. */
  | { readonly kind: 'unknown'; readonly reason: string };

interface Report {
  readonly message?: string;
  readonly error?: { readonly summary?: string };
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly name: string; readonly severity: string; readonly range: string }>
  >;
}

/** Judges what `npm audit --json` printed. */
export function adviceOf(printed: string): Advice {
  let report: Report;
  try {
    report = JSON.parse(printed);
  } catch {
    return { kind: 'unknown', reason: 'npm audit printed no report' };
  }
  const { vulnerabilities } = report;
  if (vulnerabilities === undefined) {
    return {
      kind: 'unknown',
      reason: report.message ?? report.error?.summary ?? 'npm audit printed no list',
    };
  }
  const failing = Object.values(vulnerabilities).filter(({ severity }) => FAILING.has(severity));
  if (failing.length === 0) return { kind: 'clean' };
  return {
    kind: 'vulnerable',
    lines: failing.map(({ name, severity, range }) => `${name} ${range}: ${severity}; npm audit says more`),
  };
}

async function askRegistry(folder: string): Promise<Advice> {
  const args = ['audit', '--json', '--package-lock-only', '--fetch-retries=0', `--fetch-timeout=${LIMIT_MS}`];
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], timeout: LIMIT_MS });
  const ended = once(child, 'close');
  const printed = await text(child.stdout);
  const [, signal] = (await ended) as [code: number | null, signal: NodeJS.Signals | null];
  if (signal !== null) return { kind: 'unknown', reason: `no answer within ${LIMIT_MS / 1000} s` };
  return adviceOf(printed);
}

if (import.meta.main) {
  const ask = (folder: string): Promise<Advice> =>
    askRegistry(folder).catch((error) => ({ kind: 'unknown', reason: String(error) }));
  const answers = await Promise.all(LOCKED_FOLDERS.map(ask));
  for (const advice of answers) if (advice.kind === 'vulnerable') console.log(advice.lines.join('\n'));
  const unknown = answers.find((advice) => advice.kind === 'unknown');
  if (unknown !== undefined) console.log(`note: NOT CHECKED for known vulnerabilities: ${unknown.reason}`);
  process.exitCode = answers.some(({ kind }) => kind === 'vulnerable') ? 1 : 0;
}
