import { readFileSync } from 'node:fs';

/** How many descriptors a process may have open: for now, and if it raises that. Infinity: as many as it likes. */
export interface OpenFilesLimits {
  readonly soft: number;
  readonly hard: number;
}

/** Reads the limits of this process: proc_pid_limits(5). Node.js has raised the soft one as far as it goes. */
export function openFilesLimits(): OpenFilesLimits {
  const [, soft, hard] =
    /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  return { soft: limitOf(soft), hard: limitOf(hard) };
}

const limitOf = (text: string | undefined): number =>
  text === undefined || text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
