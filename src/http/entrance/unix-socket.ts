import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { HttpStartError } from '../problems/errors.ts';

/** The server's account and its group, which the proxy joins, may connect. */
const MODE = 0o660;
/** Bytes of a path at most: `sun_path` of Linux, less the zero at its end. */
const MAX_PATH_BYTES = 107;
/** Stands for the characters that mkdtemp adds to a name. */
const RANDOM_END = 'XXXXXX';
/** Name under which the socket is bound, in a folder of its own. */
const BOUND_NAME = '/s';
/** Time to answer whether a program still listens, in milliseconds. Larger delays a start, smaller trusts slow ones less. */
const PROBE_MS = 2000;
/** Tries to take a path that other programs take and leave. */
const TRIES = 3;

/**
 * Listens on a Unix socket. Replaces a socket that a killed server has left behind, and no other file. The socket is
 * made in a folder that no other account can enter, and leaves it when its mode is set, so that no account connects
 * before, whatever the umask. Returns a function that removes the socket, unless another server has replaced it. Throws
 * HttpStartError, which names the setting of the path.
 */
export async function listenOnUnixSocket(
  server: Server,
  path: string,
  setting = '--listen unix:',
): Promise<() => void> {
  const privatePrefix = `${dirname(path)}/.`;
  if (Buffer.byteLength(`${privatePrefix}${RANDOM_END}${BOUND_NAME}`) > MAX_PATH_BYTES)
    throw new HttpStartError(
      'HTTP_BAD_ADDRESS',
      `the folder of ${path} has too long a name; give a shorter one`,
    );
  // libuv reports a missing folder as one that may not be written.
  if (!existsSync(dirname(path)))
    throw new HttpStartError(
      'HTTP_BAD_ADDRESS',
      `there is no folder ${dirname(path)} for the socket ${path}; make it first`,
    );
  let privateFolder: string | undefined;
  try {
    privateFolder = mkdtempSync(privatePrefix);
    // libuv removes the name that it bound when it closes, whatever is there then. So no other program uses that name.
    const bound = privateFolder + BOUND_NAME;
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen({ path: bound }, () => {
        server.off('error', fail);
        done();
      });
    });
    chmodSync(bound, MODE);
    const own = lstatSync(bound);
    await takeName(bound, path, setting);
    return () => removeOwn(path, own);
  } catch (cause) {
    server.close();
    throw cause instanceof HttpStartError ? cause : unixError(cause as NodeJS.ErrnoException, path);
  } finally {
    if (privateFolder !== undefined) rmSync(privateFolder, { recursive: true, force: true });
  }
}

async function takeName(bound: string, path: string, setting: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (isFree(path)) {
      if (moved(bound, path)) return;
      continue;
    }
    const found = lstatSync(path);
    if (!found.isSocket())
      throw new HttpStartError(
        'HTTP_BAD_ADDRESS',
        `${path} is there and is no socket; give another path with ${setting}`,
      );
    if (await isAnswered(path)) break;
    removeOwn(path, found);
  }
  throw new HttpStartError(
    'HTTP_PORT_BUSY',
    `another program listens on ${path}; give another path with ${setting}`,
  );
}

const isFree = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) === undefined;

/** Gives a socket its name, unless another program has just taken that. */
function moved(from: string, to: string): boolean {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A file system without links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    renameSync(from, to);
    return true;
  }
  unlinkSync(from);
  return true;
}

/** Whether a program accepts connections at a socket. Throws if this account may not try. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return false;
    if (code === 'EACCES') throw error;
    return true;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}

/** Removes a socket if it is the one that is meant. */
function removeOwn(path: string, own: Stats): void {
  try {
    const { dev, ino } = lstatSync(path);
    if (dev === own.dev && ino === own.ino) unlinkSync(path);
  } catch {
    // It is gone, or the folder is read-only by now.
  }
}

function unixError(cause: NodeJS.ErrnoException, path: string): HttpStartError {
  switch (cause.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const message = `this account may not make or try the socket ${path}; give it a folder that it can write`;
      return new HttpStartError('HTTP_PORT_DENIED', message, { cause });
    }
    default:
      return new HttpStartError('HTTP_LISTEN_FAILED', `cannot listen on ${path}: ${cause.message}`, {
        cause,
      });
  }
}
