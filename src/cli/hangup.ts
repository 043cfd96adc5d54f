import { readFileSync, readlinkSync } from 'node:fs';
import { IGNORE_HANGUP_ENV } from '../config/variables.ts';

type Environment = Record<string, string | undefined>;

/** What nohup may have left. */
export interface HangupTraces {
  /** Path of the standard input, and whether it is open for writing only. */
  readonly stdin: string;
  readonly isStdinWriteOnly: boolean;
  /** The environment that the parent process was started with: `NAME=value`, each ended by a NUL. */
  readonly parentEnviron: string;
}

/** The variable with which bash and zsh give each program its own path, for nohup. */
const BY_NOHUP = /(^|\0)_=([^\0]*\/)?nohup(\0|$)/;

/**
 * Whether the server was started to outlive its terminal, as by nohup. Node.js restores what SIGHUP does by default as
 * it starts, and npm, which is a Node.js, does so for its children. So this looks for what nohup leaves besides.
 */
export function isHangupIgnored(env: Environment, traces: HangupTraces = findTraces()): boolean {
  // The launcher, or `npm start`, has seen that the signal is ignored.
  if ((env[IGNORE_HANGUP_ENV] ?? '') !== '') return true;
  // If the parent has that variable too, nohup has started that one or its parents, not the server.
  if (BY_NOHUP.test(`_=${env._ ?? ''}`) && !BY_NOHUP.test(traces.parentEnviron)) return true;
  // nohup replaces a terminal by a /dev/null that can only be written to, so that reading it fails.
  return traces.stdin === '/dev/null' && traces.isStdinWriteOnly;
}

/** As `isHangupIgnored`. Also removes the variable, which is not for the programs of the desktop. */
export function takeHangupIgnored(env: Environment): boolean {
  const isIgnored = isHangupIgnored(env);
  delete env[IGNORE_HANGUP_ENV];
  return isIgnored;
}

function findTraces(): HangupTraces {
  // proc_pid_fdinfo(5): the flags of open(2) are octal. Their last digit has the access mode, and no other flag.
  const isStdinWriteOnly = /^flags:\s*[0-7]*1$/m.test(
    textOf(() => readFileSync('/proc/self/fdinfo/0', 'latin1')),
  );
  return {
    stdin: textOf(() => readlinkSync('/proc/self/fd/0')),
    isStdinWriteOnly,
    parentEnviron: textOf(() => readFileSync(`/proc/${process.ppid}/environ`, 'latin1')),
  };
}

/** Returns '' for what cannot be read, such as the environment of another user's process. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
