import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { OWNER_PASSWORD_ENV, OWNER_PASSWORD_FD_ENV } from '../config/variables.ts';
import { readFirstLine } from './read-password.ts';

/** Descriptors to which the server prints. */
const OUTPUTS: readonly number[] = [1, 2];

export interface GivenPassword {
  /** Undefined if none was given. */
  readonly password: string | undefined;
  readonly warnings: readonly string[];
}

/**
 * Reads the first owner's password from the one place where it was given: a file, a descriptor or the environment.
 * Closes the descriptor. `fromEnv` is the password that was taken out of the environment. Throws ConfigError.
 */
export async function readOwnerPassword(
  { ownerPasswordFile, ownerPasswordFd }: Pick<Config, 'ownerPasswordFile' | 'ownerPasswordFd'>,
  fromEnv: string | undefined,
): Promise<GivenPassword> {
  const given = [
    ownerPasswordFile !== undefined && '--owner-password-file',
    ownerPasswordFd !== undefined && `--owner-password-fd (or ${OWNER_PASSWORD_FD_ENV})`,
    fromEnv !== undefined && OWNER_PASSWORD_ENV,
  ].filter((source) => source !== false);
  if (given.length > 1)
    throw new ConfigError('CFG_PASSWORD_TWICE', `The owner's password is given twice: ${given.join(', ')}.`);
  if (ownerPasswordFile !== undefined) return fromFile(ownerPasswordFile);
  if (ownerPasswordFd !== undefined) return { password: await fromDescriptor(ownerPasswordFd), warnings: [] };
  return { password: fromEnv, warnings: [] };
}

async function fromFile(path: string): Promise<GivenPassword> {
  const warnings: string[] = [];
  const stream = createReadStream(path);
  stream.once('open', (fd) => {
    const { mode } = fstatSync(fd);
    if ((mode & 0o077) !== 0)
      warnings.push(`Other users may read ${path}, which has the owner's password: its mode should be 0600.`);
  });
  return { password: await lineOf(stream, `The file ${path}`), warnings };
}

async function fromDescriptor(fd: number): Promise<string> {
  const place = `The descriptor ${fd}`;
  // Once it is closed, the next file or connection gets its number, and what is printed goes there.
  if (OUTPUTS.includes(fd)) throw unreadable(place, new Error('it is for output'));
  let stream: Readable;
  try {
    // A file is read by a thread. Everything else may keep us waiting, which must not keep a thread from ending.
    stream = fstatSync(fd).isFile() ? createReadStream('', { fd }) : new Socket({ fd, writable: false });
  } catch (cause) {
    throw unreadable(place, cause);
  }
  return lineOf(stream, place);
}

async function lineOf(stream: Readable, place: string): Promise<string> {
  // Leaving the stream before its end counts as an error of the stream.
  const closed = new Promise<void>((resolve) => stream.on('error', () => undefined).once('close', resolve));
  let line: string;
  try {
    line = await readFirstLine(stream);
  } catch (cause) {
    throw unreadable(place, cause);
  } finally {
    stream.destroy();
    await closed;
  }
  if (line === '')
    throw new ConfigError('CFG_PASSWORD_UNREADABLE', `${place} has no password in its first line.`);
  return line;
}

function unreadable(place: string, cause: unknown): ConfigError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConfigError(
    'CFG_PASSWORD_UNREADABLE',
    `${place}, which has the owner's password, cannot be read: ${why}.`,
    { cause },
  );
}
