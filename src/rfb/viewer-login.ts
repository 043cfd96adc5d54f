import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { User } from '../accounts/user.ts';
import { httpProblem, Problem } from '../http/problems/errors.ts';
import { innerProblem } from '../http/problems/inner-problems.ts';
import { watchHangUp } from '../http/websocket/hang-up.ts';
import { ByteQueue } from '../protocol/byte-queue.ts';
import { SecurityHandshake, type SecurityStep } from '../protocol/security.ts';
import type { VncLogin } from './vnc-login.ts';

/** The viewer has gone before it logged in. Nothing can be said to it any more. */
export class ViewerLost extends Error {
  /** Whether it left in or after the TLS handshake: most viewers first check the certificate then. */
  readonly isTls: boolean;

  constructor(isTls: boolean, cause?: unknown) {
    super('The viewer has gone.', { cause });
    this.isTls = isTls;
  }
}

/** The viewer supports none of the offered logins. It has been told so, as far as RFB can. */
export class NoCommonSecurity extends Error {}

export interface ViewerLoginOptions {
  /** The server's certificate. Undefined: names and passwords come as they are. */
  readonly tls: SecureContext | undefined;
  /** Password and user of VNC authentication. Undefined: it is not offered. */
  readonly vnc: VncLogin | undefined;
  /** The name and password, or the answer to the challenge, have come. They are about to be checked. */
  checking(claimed: string): void;
  checkPassword(name: string, password: string, signal: AbortSignal): Promise<User>;
  /** Throws a Problem if the answer is not `isRight`, or may not be tried. */
  checkProof(name: string, isRight: () => boolean): User;
  /** Lets the user in. Throws a Problem if there is no room or no right. */
  admit(user: User): void;
}

/** A viewer that may go on: the stream that has RFB from here on. */
interface LoggedIn {
  readonly user: User;
  readonly stream: Socket;
}

/**
 * Takes a viewer from its first byte to its login. Afterwards no listener is left on the stream, and bytes that have
 * arrived behind the login are still in it. Throws a Problem after the viewer was told it, ViewerLost,
 * NoCommonSecurity, or an RfbError.
 */
export async function logIn(socket: Socket, options: ViewerLoginOptions): Promise<LoggedIn> {
  const { tls, vnc } = options;
  const challenge = vnc?.password.challenge();
  const security = new SecurityHandshake({ plain: tls ? 'over TLS' : 'bare', challenge });
  const queue = new ByteQueue();
  let stream = socket;
  stream.write(security.greeting());
  for (;;) {
    const { send, step } = security.advance(queue);
    for (const bytes of send) stream.write(bytes);
    switch (step.kind) {
      case 'more':
        queue.push(await nextBytes(stream, stream !== socket));
        break;
      case 'startTls':
        await giveBack(stream, queue);
        stream = await startTls(stream, tls!);
        break;
      case 'unsupported':
        throw new NoCommonSecurity(step.reason);
      case 'plain':
      case 'vnc': {
        const user = await check(step, stream, security, challenge, options);
        stream.write(security.accepted());
        await giveBack(stream, queue);
        return { user, stream };
      }
    }
  }
}

async function check(
  step: Extract<SecurityStep, { kind: 'plain' | 'vnc' }>,
  stream: Socket,
  security: SecurityHandshake,
  challenge: Uint8Array | undefined,
  { vnc, checking, checkPassword, checkProof, admit }: ViewerLoginOptions,
): Promise<User> {
  const hangUp = watchHangUp(stream);
  try {
    checking(step.kind === 'plain' ? step.name : vnc!.user);
    const user =
      step.kind === 'plain'
        ? await checkPassword(step.name, step.password, hangUp.signal)
        : checkProof(vnc!.user, () => vnc!.password.isRight(challenge!, step.response));
    if (!hangUp.signal.aborted) admit(user);
    await hangUp.stop();
    if (hangUp.signal.aborted) throw new ViewerLost(false);
    return user;
  } catch (error) {
    await hangUp.stop();
    if (hangUp.signal.aborted) throw new ViewerLost(false, error);
    const problem = error instanceof Problem ? error : innerProblem(error);
    stream.write(security.refused(refusalText(problem ?? httpProblem('HTTP_INTERNAL'))));
    throw problem ?? error;
  }
}

/** What a viewer is told. HTTP's sentence for a wrong password asks for one, which is no answer here. */
export const refusalText = ({ code, detail }: Problem): string =>
  code === 'HTTP_LOGIN_NEEDED' ? 'The user name or the password is wrong.' : detail;

/** Resolves with the next bytes of a stream. Throws ViewerLost when it ends. */
function nextBytes(stream: Socket, isTls: boolean): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      stream.off('readable', onReadable).off('end', onGone).off('close', onGone);
    };
    const onGone = (): void => {
      stop();
      reject(new ViewerLost(isTls));
    };
    const onReadable = (): void => {
      const bytes = stream.read() as Buffer | null;
      if (bytes === null) return;
      stop();
      resolve(bytes);
    };
    if (stream.destroyed || stream.readableEnded) {
      reject(new ViewerLost(isTls));
      return;
    }
    stream.on('readable', onReadable).on('end', onGone).on('close', onGone);
    onReadable();
  });
}

/** Puts queued bytes back in front of the stream, for who reads it next. */
async function giveBack(stream: Socket, queue: ByteQueue): Promise<void> {
  if (queue.length > 0) stream.unshift(queue.take());
  // A stream leaves the mode of `readable` in the next tick.
  await new Promise<void>((done) => process.nextTick(done));
}

function startTls(socket: Socket, secureContext: SecureContext): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const stream = new TLSSocket(socket, { isServer: true, secureContext });
    const stop = (): void => {
      stream.off('secure', onSecure).off('error', onGone).off('close', onGone);
      socket.off('close', onGone);
    };
    const onSecure = (): void => {
      stop();
      // A TLSSocket that no tls.Server has made reports by this event alone what breaks behind the handshake, and stays
      // open: its viewer would keep its seat until the transport finds that nothing moves any more.
      stream.on('_tlsError', () => stream.destroy());
      resolve(stream);
    };
    const onGone = (cause?: unknown): void => {
      stop();
      // The error of a stream that has failed may come once more.
      stream.on('error', () => undefined);
      stream.destroy();
      reject(new ViewerLost(true, cause instanceof Error ? cause : undefined));
    };
    stream.on('secure', onSecure).on('error', onGone).on('close', onGone);
    socket.on('close', onGone);
  });
}
