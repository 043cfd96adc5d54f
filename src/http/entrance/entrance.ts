import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { type FirstBytes, protocolOf } from './first-bytes.ts';
import {
  httpsOnly,
  RFB_GREETING,
  RFB_VERSION_BYTES,
  rfbRefusal,
  sshRefusal,
  TLS_ALERT,
} from './other-protocols.ts';

/**
 * Bytes of a plain HTTP request's head that are waited for. A larger value takes memory for a request that is refused.
 */
const MAX_HEAD_BYTES = 8192;

/**
 * Time in ms in which the last answer of a connection must be read. A larger value keeps peers that do not read; a
 * smaller one cuts it off on slow links.
 */
const LAST_ANSWER_MS = 3000;

export interface EntranceOptions {
  /** Whether a connection came to a place for plain HTTP. Other places are for TLS. */
  readonly isPlain: (socket: Socket) => boolean;
  /** A connection is ended because it speaks `protocol`. */
  readonly refused: (socket: Socket, protocol: string, expected: string) => void;
}

/**
 * Looks at the first bytes of each connection before the server begins with it, so that a client of another protocol
 * gets an answer in that protocol. `HalfOpen` limits the time for all this.
 *
 * A VNC viewer waits for the server to begin, and so may a client of TLS that is slow: a busy machine, a link that lost
 * its first packets. Nothing tells the two apart, so that no silent caller is sent anything until `greet`.
 */
export class Entrance {
  readonly #server: Server;
  readonly #options: EntranceOptions;
  readonly #startTls: readonly ((socket: Socket) => void)[];
  /** Callers at places for TLS that have sent nothing. */
  readonly #silent = new WeakSet<Socket>();
  /** Those of them that were greeted. */
  readonly #greeted = new WeakSet<Socket>();

  /** Takes over what `server` does with a new connection. */
  constructor(server: Server, options: EntranceOptions) {
    this.#server = server;
    this.#options = options;
    this.#startTls = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
  }

  /** Begins with a connection that the server has accepted. */
  begin(socket: Socket): void {
    const isPlain = this.#options.isPlain(socket);
    let bytes: Buffer = Buffer.alloc(0);
    // A browser may keep a connection for plain HTTP without a request.
    if (!isPlain) this.#silent.add(socket);
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      this.#silent.delete(socket);
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const protocol = protocolOf(bytes);
      if (!isDecided(protocol, bytes, isPlain)) return;
      socket.off('readable', onReadable).off('end', onEnd).off('error', ignore);
      this.#go(socket, protocol, bytes, isPlain);
    };
    const onEnd = (): void => void socket.destroy();
    socket.on('readable', onReadable).on('end', onEnd).on('error', ignore);
  }

  /**
   * Takes a caller that has sent nothing for a VNC viewer, and greets it. To be called when a client of TLS would be
   * cut off. Returns whether the caller may answer.
   */
  greet(socket: Socket): boolean {
    if (socket.destroyed || !this.#silent.delete(socket)) return false;
    this.#greeted.add(socket);
    socket.write(RFB_GREETING);
    return true;
  }

  #go(socket: Socket, protocol: FirstBytes, bytes: Buffer, isPlain: boolean): void {
    const isGreeted = this.#greeted.has(socket);
    const isWanted = isPlain ? protocol === 'http' || protocol === 'other' : protocol === 'tls' && !isGreeted;
    if (isWanted) {
      // The next reader gets these bytes first.
      socket.unshift(bytes);
      // Node.js serves HTTP on what it gets by this event, with TLS or without.
      if (isPlain) this.#server.emit('secureConnection', socket);
      else for (const start of this.#startTls) start.call(this.#server, socket);
      return;
    }
    const expected = isPlain ? 'plain HTTP' : 'HTTPS';
    this.#options.refused(
      socket,
      isGreeted && protocol === 'tls' ? 'TLS after a long silence' : nameOf(protocol),
      expected,
    );
    const here = `${hostOf(socket.localAddress ?? 'localhost')}:${socket.localPort ?? ''}`;
    const reason = `This port speaks ${expected}.${isPlain ? '' : ` Open https://${here}/ in a browser.`}`;
    endWith(socket, answerTo(protocol, bytes, reason, here, isGreeted));
  }
}

const ignore = (): void => {};

/** The host of a URL for an address, which a socket for both families writes as IPv6. */
function hostOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}

/** Whether enough bytes are there to hand the connection on, or to answer them. */
function isDecided(protocol: FirstBytes, bytes: Buffer, isPlain: boolean): boolean {
  if (protocol === 'undecided') return false;
  if (protocol === 'rfb') return bytes.length >= RFB_VERSION_BYTES;
  const isWhole = bytes.length >= MAX_HEAD_BYTES || bytes.includes('\r\n\r\n') || bytes.includes('\n\n');
  return protocol !== 'http' || isPlain || isWhole;
}

function nameOf(protocol: FirstBytes): string {
  const names: Partial<Record<FirstBytes, string>> = {
    tls: 'TLS',
    http: 'plain HTTP',
    rfb: 'RFB (VNC)',
    ssh: 'SSH',
  };
  return names[protocol] ?? 'an unknown protocol';
}

/** The last bytes for a client of this protocol. */
function answerTo(
  protocol: FirstBytes,
  bytes: Buffer,
  reason: string,
  here: string,
  isGreeted: boolean,
): Buffer | string {
  switch (protocol) {
    case 'tls':
      return isGreeted ? '' : TLS_ALERT;
    case 'http':
      return httpsOnly(bytes.toString('latin1'), here);
    case 'rfb': {
      const refusal = rfbRefusal(bytes.toString('latin1', 0, RFB_VERSION_BYTES), reason);
      return isGreeted ? refusal : Buffer.concat([Buffer.from(RFB_GREETING), refusal]);
    }
    case 'ssh':
      return sshRefusal(reason);
    default:
      return `${reason}\r\n`;
  }
}

/** Writes the last answer of a connection. Reads on until the peer closes: a reset would take the answer from it. */
function endWith(socket: Socket, answer: Buffer | string): void {
  const timer = setTimeout(() => socket.destroy(), LAST_ANSWER_MS).unref();
  socket
    .on('error', ignore)
    .once('end', () => socket.destroy())
    .once('close', () => clearTimeout(timer));
  socket.resume();
  socket.end(answer);
}
